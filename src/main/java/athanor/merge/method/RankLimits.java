package athanor.merge.method;

import java.util.OptionalDouble;
import java.util.OptionalInt;

/**
 * How far {@link Recompression} may reduce ranks.
 *
 * @param rank most ranks of linear layers and 1×1 convolutions; empty for no limit
 * @param convRank most ranks of larger convolutions; empty for the same as {@code rank}
 * @param keep share of the energy Σσ² that each module keeps at least, in (0, 1], within the limits
 *     of rank; empty to keep all ranks that the limits allow
 */
public record RankLimits(OptionalInt rank, OptionalInt convRank, OptionalDouble keep) {
  /** No limit. */
  public static final RankLimits NONE =
      new RankLimits(OptionalInt.empty(), OptionalInt.empty(), OptionalDouble.empty());

  /**
   * The ranks that a module may have, before its energy is asked.
   *
   * @param natural the largest rank that its weight can have
   * @param spatial whether it is a convolution larger than 1×1
   */
  public int most(int natural, boolean spatial) {
    OptionalInt limit = spatial && convRank.isPresent() ? convRank : rank;
    return Math.min(natural, limit.orElse(natural));
  }

  /** The smallest rank within {@code most} that keeps the wanted share; at least 1. */
  public int keeping(double[] singularValues, int most) {
    double all = 0;
    for (double value : singularValues) {
      all += value * value;
    }
    return keeping(singularValues, all, most);
  }

  /**
   * The same where only the leading singular values are known.
   *
   * @param energy Σσ² over all of them
   */
  public int keeping(double[] singularValues, double energy, int most) {
    if (keep.isEmpty()) {
      return most;
    }
    double kept = 0;
    for (int rank = 1; rank < most; rank++) {
      kept += singularValues[rank - 1] * singularValues[rank - 1];
      if (kept >= keep.getAsDouble() * energy) {
        return rank;
      }
    }
    return Math.max(1, most);
  }
}
