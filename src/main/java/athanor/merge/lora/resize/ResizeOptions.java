package athanor.merge.lora.resize;

import athanor.tensor.DType;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a resize is to do.
 *
 * @param rule how ranks are chosen
 * @param rank the most a linear module gets; the rank itself for {@link RankRule.Fixed}
 * @param convRank the same for pairs of convolutions, 1×1 included
 * @param targetBytes the most the file may take; then the ranks follow from it and {@code rule} is
 *     not used
 * @param savePrecision the stored type; empty keeps the widest of each pair
 */
public record ResizeOptions(
    RankRule rule,
    int rank,
    int convRank,
    OptionalLong targetBytes,
    Optional<DType> savePrecision) {
  /** No limit of the rank. */
  public static final int UNLIMITED = Integer.MAX_VALUE;

  /**
   * Checks the ranks.
   *
   * @throws IllegalArgumentException if one is below 1
   */
  public ResizeOptions {
    if (rank < 1 || convRank < 1) {
      throw new IllegalArgumentException("ranks are at least 1: " + rank + ", " + convRank);
    }
  }
}
