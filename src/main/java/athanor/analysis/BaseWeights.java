package athanor.analysis;

import athanor.kernel.Kernels;
import athanor.tensor.Rows;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The weights of a checkpoint as LoRAs are compared with them. Reads by blocks; safe for use by
 * several threads.
 *
 * @param checkpoint the open file
 * @param kernels convert what is read
 */
public record BaseWeights(StateDict checkpoint, Kernels kernels) {
  private static final int BLOCK_ELEMENTS = 1 << 18;

  /**
   * The sum of the squares of a tensor's values; 0 for one that the checkpoint lacks, or whose type
   * is not {@linkplain athanor.tensor.DType#isArithmetic arithmetic}. NaN and infinite values count
   * as 0.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if it cannot be read
   */
  public double energy(String key) {
    TensorInfo tensor = checkpoint.find(key).orElse(null);
    if (tensor == null || !tensor.dtype().isArithmetic()) {
      return 0;
    }
    long count = tensor.shape().elementCount();
    int most = (int) Math.min(count, BLOCK_ELEMENTS);
    int width = tensor.dtype().bytes();
    float[] block = new float[most];
    double sum = 0;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(Math.max(1, (long) most * width), 64);
      for (long at = 0; at < count; at += most) {
        int length = (int) Math.min(most, count - at);
        checkpoint.read(tensor, at * width, bytes.asSlice(0, (long) length * width));
        kernels.toFloat(tensor.dtype(), bytes, 0, block, 0, length);
        sum += finite(block, length);
      }
    }
    return sum;
  }

  private double finite(float[] block, int length) {
    double sum = kernels.sumOfSquares(block, 0, length);
    if (Double.isFinite(sum)) {
      return sum;
    }
    double others = 0;
    for (int i = 0; i < length; i++) {
      others += Float.isFinite(block[i]) ? (double) block[i] * block[i] : 0;
    }
    return others;
  }

  /**
   * One row of a tensor, counted as a module counts its outputs.
   *
   * @param rows what the module covers
   * @param output the row, from 0
   * @param target receives the row's first values, as many as it is long
   */
  void row(Rows rows, long output, float[] target) {
    TensorInfo tensor = checkpoint.find(rows.key()).orElseThrow();
    long before = 0;
    for (Rows.Run run : rows.runs()) {
      if (output < before + run.count()) {
        long row = run.first() + output - before;
        int width = tensor.dtype().bytes();
        try (Arena arena = Arena.ofConfined()) {
          MemorySegment bytes = arena.allocate((long) target.length * width, 64);
          checkpoint.read(tensor, row * tensor.shape().columns() * width, bytes);
          kernels.toFloat(tensor.dtype(), bytes, 0, target, 0, target.length);
        }
        return;
      }
      before += run.count();
    }
    throw new IndexOutOfBoundsException(output + " of " + rows);
  }
}
