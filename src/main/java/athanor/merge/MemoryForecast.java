package athanor.merge;

import athanor.adapter.DenseDelta;
import athanor.adapter.LowRankDelta;
import java.util.List;

/** Estimates the memory of a merge: it grows with the LoRAs' ranks, not with the checkpoint. */
public final class MemoryForecast {
  /** A started Java machine with this program loaded, measured. */
  private static final long PROCESS_BYTES = 120L << 20;

  private static final long BLOCK_BYTES = BlockBuffers.BLOCK_ELEMENTS * 12L;

  private MemoryForecast() {}

  /**
   * Bytes that a merge needs at most: per worker one block and the factors of the most demanding
   * tensor, which exist up to three times while they are stacked and packed.
   */
  public static long bytes(List<TensorPlan> plans, int threads) {
    long largest = plans.stream().mapToLong(MemoryForecast::factorBytes).max().orElse(0);
    return PROCESS_BYTES + threads * (BLOCK_BYTES + 3 * largest);
  }

  private static long factorBytes(TensorPlan plan) {
    return plan.deltas().stream().mapToLong(MemoryForecast::factorBytes).sum();
  }

  private static long factorBytes(WeightedDelta weighted) {
    return switch (weighted.delta()) {
      case LowRankDelta delta ->
          Float.BYTES * delta.rank() * (delta.region().rows() + delta.columns());
      case DenseDelta delta -> Float.BYTES * delta.region().rows() * delta.columns();
    };
  }
}
