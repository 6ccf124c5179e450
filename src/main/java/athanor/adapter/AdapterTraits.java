package athanor.adapter;

import athanor.adapter.format.AdapterFormat;
import athanor.adapter.format.MergingFormat;
import athanor.adapter.format.ModuleTensors;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * A LoRA file in a line: what it is made of. Immutable by convention of its sorted sets.
 *
 * @param kind the formats in words, such as {@code LoRA} or {@code LoCon}
 * @param ranks the ranks of its pairs
 * @param alphas the alphas, computed as scale · rank; of a file that is elsewhere the one that its
 *     trainer noted
 */
public record AdapterTraits(String kind, SortedSet<Long> ranks, SortedSet<Double> alphas) {

  /**
   * The traits of a file.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if an alpha cannot be read
   */
  public static AdapterTraits of(AdapterFile file) {
    SortedSet<Long> ranks = new TreeSet<>();
    SortedSet<Double> alphas = new TreeSet<>();
    for (AdapterFormat format : file.formats()) {
      if (format instanceof MergingFormat merging) {
        for (ModuleTensors module : file.modulesOf(format)) {
          OptionalLong rank = merging.rank(module);
          if (rank.isPresent() && rank.getAsLong() > 0) {
            ranks.add(rank.getAsLong());
            boolean configured = !module.storesScale() && module.knowsScale(rank.getAsLong());
            if (file.source().isHere() || configured) {
              alphas.add(rounded(module.scale(rank.getAsLong()) * rank.getAsLong()));
            }
          }
        }
      }
    }
    if (!file.source().isHere() && alphas.isEmpty()) {
      notedAlpha(file).ifPresent(alpha -> alphas.add(alpha));
    }
    return new AdapterTraits(kind(file), ranks, alphas);
  }

  private static Optional<Double> notedAlpha(AdapterFile file) {
    try {
      return Optional.ofNullable(file.source().metadata().get("ss_network_alpha"))
          .map(Double::valueOf)
          .filter(Double::isFinite);
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static String kind(AdapterFile file) {
    return file.formats().stream()
        .map(format -> format.kind(file.modulesOf(format)))
        .collect(Collectors.joining(" + "));
  }

  private static double rounded(double alpha) {
    return Math.round(alpha * 1e4) / 1e4;
  }

  /** {@code 32}, or {@code 4–64} for several, or {@code –} for none. */
  public String rankText() {
    if (ranks.isEmpty()) {
      return "–";
    }
    return ranks.size() == 1 ? ranks.first().toString() : ranks.first() + "–" + ranks.last();
  }

  /** As {@link #rankText()}, without needless decimals. */
  public String alphaText() {
    if (alphas.isEmpty()) {
      return "–";
    }
    String first = number(alphas.first());
    return alphas.size() == 1 ? first : first + "–" + number(alphas.last());
  }

  private static String number(double value) {
    return value == Math.rint(value)
        ? String.format(Locale.ROOT, "%.0f", value)
        : String.format(Locale.ROOT, "%s", value);
  }
}
