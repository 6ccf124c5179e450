package athanor.job;

import athanor.job.CheckpointComparison.Extent;
import athanor.kernel.Kernels;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Collection;

/**
 * What of two arrays differs: the squares of their difference and of the first, summed in float64.
 *
 * @param difference ‖B − A‖²
 * @param base ‖A‖²
 * @param isIdentical whether every value is the same
 */
record ValueComparison(double difference, double base, boolean isIdentical) {
  private static final int BLOCK = 1 << 16;
  private static final int SAMPLE = 1 << 10;
  private static final int SAMPLES = 4;

  /** ‖B − A‖ / ‖A‖; 0 if A is 0. */
  double relative() {
    return base == 0 ? 0 : Math.sqrt(difference / base);
  }

  /** Several together. */
  static ValueComparison sum(Collection<ValueComparison> parts) {
    return new ValueComparison(
        parts.stream().mapToDouble(ValueComparison::difference).sum(),
        parts.stream().mapToDouble(ValueComparison::base).sum(),
        parts.stream().allMatch(ValueComparison::isIdentical));
  }

  /**
   * Reads weights of two files. Thread-safe.
   *
   * @param base A
   * @param other B
   */
  record Reader(StateDict base, StateDict other, Kernels kernels) {
    /** Compares two tensors with as many values. */
    ValueComparison compare(TensorInfo ours, TensorInfo theirs, Extent extent) {
      long count = ours.shape().elementCount();
      boolean all = extent == Extent.EVERYTHING || count <= (long) SAMPLE * SAMPLES;
      int step = (int) Math.min(count, all ? BLOCK : SAMPLE);
      var sums = new Sums();
      try (Arena arena = Arena.ofConfined()) {
        var buffers = new Buffers(arena, step);
        if (all) {
          for (long at = 0; at < count; at += step) {
            sums.add(buffers, ours, theirs, at, (int) Math.min(step, count - at));
          }
        } else {
          for (int i = 0; i < SAMPLES; i++) {
            sums.add(buffers, ours, theirs, (count - SAMPLE) / (SAMPLES - 1) * i, SAMPLE);
          }
        }
      }
      return new ValueComparison(sums.difference, sums.base, sums.identical);
    }

    private final class Buffers {
      private final MemorySegment bytes;
      private final float[] ours;
      private final float[] theirs;

      Buffers(Arena arena, int count) {
        this.bytes = arena.allocate(Math.max(1, count) * 8L, 64);
        this.ours = new float[count];
        this.theirs = new float[count];
      }

      void read(StateDict file, TensorInfo tensor, long at, int count, float[] target) {
        long width = tensor.dtype().bytes();
        MemorySegment own = bytes.asSlice(0, count * width);
        file.read(tensor, at * width, own);
        kernels.toFloat(tensor.dtype(), own, 0, target, 0, count);
      }
    }

    private final class Sums {
      private double difference = 0;
      private double base = 0;
      private boolean identical = true;

      void add(Buffers buffers, TensorInfo ours, TensorInfo theirs, long at, int count) {
        buffers.read(base(), ours, at, count, buffers.ours);
        buffers.read(other(), theirs, at, count, buffers.theirs);
        base += kernels.sumOfSquares(buffers.ours, 0, count);
        for (int i = 0; i < count; i++) {
          float change = buffers.theirs[i] - buffers.ours[i];
          identical &=
              Float.floatToIntBits(buffers.theirs[i]) == Float.floatToIntBits(buffers.ours[i]);
          buffers.theirs[i] = change;
        }
        difference += kernels.sumOfSquares(buffers.theirs, 0, count);
      }

      private StateDict base() {
        return Reader.this.base();
      }
    }
  }
}
