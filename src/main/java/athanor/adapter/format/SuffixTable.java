package athanor.adapter.format;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Cuts keys of adapter files into the module they belong to and the suffix behind it. */
public final class SuffixTable {
  private static final String WEIGHT = ".weight";
  private static final String ANY = "*";

  private final List<AdapterFormat> formats;

  /**
   * The suffixes by their last component, the longest first: of some seventy, a key is compared
   * with one or two, and never taken for a shorter one.
   */
  private final Map<String, List<Entry>> byTail = new HashMap<>();

  private final List<Entry> named = new ArrayList<>();
  private final List<Entry> besides = new ArrayList<>();
  private final List<Entry> strays = new ArrayList<>();

  private record Entry(Suffix suffix, Optional<AdapterFormat> format) {}

  /**
   * What a suffix says of a key.
   *
   * @param module the module's name
   * @param suffix the suffix behind it
   * @param format the format whose suffix it is; empty for alpha and scale
   */
  public record Claim(String module, Suffix suffix, Optional<AdapterFormat> format) {}

  /** A table of the suffixes of these formats, in their order. */
  public SuffixTable(List<AdapterFormat> formats) {
    this.formats = List.copyOf(formats);
    add(new Entry(Suffix.of(".alpha", Part.ALPHA), Optional.empty()));
    add(new Entry(Suffix.of(".scale", Part.SCALE), Optional.empty()));
    add(new Entry(Suffix.of(".scalar", Part.SCALAR), Optional.empty()));
    for (AdapterFormat format : formats) {
      format.suffixes().forEach(suffix -> add(new Entry(suffix, Optional.of(format))));
    }
    Comparator<Entry> longestFirst = Comparator.comparingInt(e -> -e.suffix().text().length());
    byTail.values().forEach(entries -> entries.sort(longestFirst));
  }

  private void add(Entry entry) {
    String text = entry.suffix().text();
    switch (entry.suffix().tells()) {
      case BESIDE_OTHERS -> besides.add(entry);
      case IN_AN_ADAPTER -> strays.add(entry);
      case ALONE -> {
        if (text.contains(ANY)) {
          named.add(entry);
        } else {
          byTail.computeIfAbsent(tail(text), tail -> new ArrayList<>()).add(entry);
        }
      }
    }
  }

  /** The last component, with the one before it if it is {@code weight}. */
  private static String tail(String key) {
    int dot = Math.max(key.lastIndexOf('.'), key.lastIndexOf(':'));
    if (key.endsWith(WEIGHT)) {
      dot = key.lastIndexOf('.', dot - 1);
    }
    return key.substring(dot + 1);
  }

  /** The formats, in their order. */
  public List<AdapterFormat> formats() {
    return formats;
  }

  /**
   * The longest suffix that a key ends in and that tells on its own, once for each format that has
   * it; none when no suffix of an adapter format fits.
   */
  public List<Claim> claims(String key) {
    List<Claim> claims = new ArrayList<>();
    for (Entry entry : byTail.getOrDefault(tail(key), List.of())) {
      String text = entry.suffix().text();
      boolean longest =
          claims.isEmpty() || claims.getFirst().suffix().text().length() == text.length();
      if (longest && key.length() > text.length() && key.endsWith(text)) {
        claims.add(claim(key, text.length(), entry));
      }
    }
    if (claims.isEmpty()) {
      named.forEach(entry -> named(key, entry).ifPresent(claims::add));
    }
    return claims;
  }

  /** The suffixes that a key ends in and that mean something beside others only. */
  public List<Claim> besides(String key) {
    return ofEnds(key, besides);
  }

  /** The suffixes that a key ends in and that mean something in a file that is an adapter only. */
  public List<Claim> strays(String key) {
    return ofEnds(key, strays);
  }

  private static List<Claim> ofEnds(String key, List<Entry> entries) {
    List<Claim> claims = new ArrayList<>();
    for (Entry entry : entries) {
      String text = entry.suffix().text();
      if (key.length() > text.length() && key.endsWith(text)) {
        claims.add(claim(key, text.length(), entry));
      }
    }
    return claims;
  }

  /**
   * Raw PEFT state dicts put the adapter's name in between: {@code X.lora_A.default.weight}. Behind
   * an underscore, any end of that component will do, and names the part: {@code X.delora_lambda}.
   */
  private static Optional<Claim> named(String key, Entry entry) {
    String text = entry.suffix().text();
    int any = text.indexOf(ANY);
    if (text.charAt(any - 1) == '_') {
      int dot = key.lastIndexOf('.');
      String begin = text.substring(0, any);
      return dot > 0 && key.startsWith(begin, dot)
          ? Optional.of(
              new Claim(key.substring(0, dot), part(key.substring(dot), entry), entry.format()))
          : Optional.empty();
    }
    String head = text.substring(0, any - 1);
    String end = text.substring(any + 1);
    if (!key.endsWith(end)) {
      return Optional.empty();
    }
    int nameStart = key.lastIndexOf('.', key.length() - end.length() - 1);
    if (nameStart <= 0 || !key.substring(0, nameStart).endsWith(head)) {
      return Optional.empty();
    }
    return Optional.of(claim(key, key.length() - nameStart + head.length(), entry));
  }

  private static Suffix part(String end, Entry entry) {
    return Suffix.of(end, new Part(entry.suffix().part().format(), end.substring(1)));
  }

  private static Claim claim(String key, int length, Entry entry) {
    int end = key.length() - length + entry.suffix().kept();
    return new Claim(key.substring(0, end), entry.suffix(), entry.format());
  }
}
