package athanor.merge.method;

import java.util.Locale;
import java.util.Optional;

/** A way of merging LoRAs into one LoRA. */
public enum MergeMethod {
  /** The factors side by side: exactly the sum of the updates, at the sum of the ranks. */
  EXACT,
  /** The best approximation of the sum of the updates at a lower rank, its error stated. */
  SVD,
  /**
   * The sum of the factors, as kohya's scripts have computed it since 2023. It is not the sum of
   * the updates: a ratio acts squared, and cross terms come in. For reproducing old results.
   */
  KOHYA;

  /** The method with this name, as {@code --method} takes it; case does not count. */
  public static Optional<MergeMethod> parse(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "exact", "concat" -> Optional.of(EXACT);
      case "svd" -> Optional.of(SVD);
      case "kohya" -> Optional.of(KOHYA);
      default -> Optional.empty();
    };
  }

  /** The option's spelling. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
