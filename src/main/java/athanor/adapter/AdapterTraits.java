package athanor.adapter;

import athanor.tensor.DType;
import java.util.Locale;
import java.util.Optional;
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
 * @param dtypes the types of its factors
 */
public record AdapterTraits(
    String kind, SortedSet<Long> ranks, SortedSet<Double> alphas, SortedSet<DType> dtypes) {

  /**
   * The traits of a file.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if an alpha cannot be read
   */
  public static AdapterTraits of(AdapterFile file) {
    SortedSet<Long> ranks = new TreeSet<>();
    SortedSet<Double> alphas = new TreeSet<>();
    SortedSet<DType> dtypes = new TreeSet<>();
    boolean spatial = false;
    for (AdapterModule module : file.modules()) {
      spatial |= module.isSpatial();
      if (module.hasPair() && module.rank() > 0) {
        ranks.add(module.rank());
        if (file.source().isHere()) {
          alphas.add(rounded(file.scaleOf(module) * module.rank()));
        }
      }
      module.tensor(Role.DOWN).ifPresent(tensor -> dtypes.add(tensor.dtype()));
      module.tensor(Role.DIFF).ifPresent(tensor -> dtypes.add(tensor.dtype()));
    }
    if (!file.source().isHere()) {
      notedAlpha(file).ifPresent(alpha -> alphas.add(alpha));
    }
    return new AdapterTraits(kind(file, spatial), ranks, alphas, dtypes);
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

  private static String kind(AdapterFile file, boolean spatial) {
    return file.formats().stream()
        .map(format -> format == Format.LORA && spatial ? "LoCon" : format.label())
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

  /** The factors' types in familiar names. */
  public String dtypeText() {
    return dtypes.stream().map(DType::familiarName).collect(Collectors.joining("/"));
  }

  private static String number(double value) {
    return value == Math.rint(value)
        ? String.format(Locale.ROOT, "%.0f", value)
        : String.format(Locale.ROOT, "%s", value);
  }
}
