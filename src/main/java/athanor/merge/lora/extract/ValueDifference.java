package athanor.merge.lora.extract;

import athanor.kernel.Kernels;
import athanor.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Subtracts one sequence of values from another, block by block; what is equal to the byte costs
 * reading only. Safe for use by several threads.
 *
 * @param precision what the values and their difference are rounded to
 */
record ValueDifference(Kernels kernels, DType precision) {
  private static final int BLOCK_ELEMENTS = 1 << 18;

  /** Looks at a part of the difference. */
  interface Visitor {
    /**
     * Looks at the elements from {@code at} on.
     *
     * @param block used again for the next; as long as there are elements
     * @return whether to go on
     */
    boolean visit(long at, float[] block);
  }

  /** All of {@code to − from}; NaN or infinite where a value of either is. */
  void forEach(Stretches from, Stretches to, Visitor visitor) {
    forEach(from, to, false, visitor);
  }

  /** The blocks of {@code to − from} that are not equal to the byte. */
  void forEachUnequal(Stretches from, Stretches to, Visitor visitor) {
    forEach(from, to, true, visitor);
  }

  /** ‖to − from‖²; values that are not finite count as 0. */
  double squaredNorm(Stretches from, Stretches to) {
    double[] sum = {0};
    forEachUnequal(
        from,
        to,
        (at, block) -> {
          for (float value : block) {
            sum[0] += Float.isFinite(value) ? (double) value * value : 0;
          }
          return true;
        });
    return sum[0];
  }

  /** ‖values‖²; values that are not finite count as 0. */
  double squaredNorm(Stretches values) {
    double sum = 0;
    long count = values.count();
    int most = (int) Math.min(count, BLOCK_ELEMENTS);
    float[] block = new float[most];
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(Math.max(1, most * 8L), 64);
      for (long at = 0; at < count; at += most) {
        int length = (int) Math.min(most, count - at);
        values.read(at, length, bytes);
        values.decode(kernels, precision, bytes, length, block);
        for (int i = 0; i < length; i++) {
          sum += Float.isFinite(block[i]) ? (double) block[i] * block[i] : 0;
        }
      }
    }
    return sum;
  }

  /** Whether the two are equal to the byte. */
  boolean sameBytes(Stretches one, Stretches two) {
    if (one.dtype() != two.dtype() || one.count() != two.count()) {
      return false;
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment ours = arena.allocate(BLOCK_ELEMENTS * 8L, 64);
      MemorySegment theirs = arena.allocate(BLOCK_ELEMENTS * 8L, 64);
      for (long at = 0; at < one.count(); at += BLOCK_ELEMENTS) {
        int length = (int) Math.min(BLOCK_ELEMENTS, one.count() - at);
        long size = (long) length * one.dtype().bytes();
        one.read(at, length, ours);
        two.read(at, length, theirs);
        if (MemorySegment.mismatch(ours, 0, size, theirs, 0, size) >= 0) {
          return false;
        }
      }
    }
    return true;
  }

  private void forEach(Stretches from, Stretches to, boolean unequalOnly, Visitor visitor) {
    long count = to.count();
    int most = (int) Math.min(count, BLOCK_ELEMENTS);
    float[] difference = new float[most];
    float[] other = new float[most];
    boolean comparable = unequalOnly && from.dtype() == to.dtype();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment theirs = arena.allocate(Math.max(1, most * 8L), 64);
      MemorySegment ours = arena.allocate(Math.max(1, most * 8L), 64);
      for (long at = 0; at < count; at += most) {
        int length = (int) Math.min(most, count - at);
        to.read(at, length, theirs);
        from.read(at, length, ours);
        long size = (long) length * to.dtype().bytes();
        if (comparable && MemorySegment.mismatch(ours, 0, size, theirs, 0, size) < 0) {
          continue;
        }
        if (length < difference.length) {
          difference = new float[length];
        }
        to.decode(kernels, precision, theirs, length, difference);
        from.decode(kernels, precision, ours, length, other);
        for (int i = 0; i < length; i++) {
          difference[i] -= other[i];
        }
        kernels.round(precision, difference, 0, length);
        if (!visitor.visit(at, difference)) {
          return;
        }
      }
    }
  }
}
