package athanor.delta;

import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.util.Optional;

/** A factor for each row of a weight, or none. */
final class RowFactors {
  private static final RowFactors NONE = new RowFactors(new float[0]);

  private final float[] factors;

  private RowFactors(float[] factors) {
    this.factors = factors;
  }

  /** Reads the factors, one value a row; without a tensor there are none. */
  static RowFactors load(StateDict source, Optional<TensorInfo> stored, Arithmetic arithmetic) {
    return stored
        .map(tensor -> new RowFactors(arithmetic.rounded(arithmetic.read(source, tensor))))
        .orElse(NONE);
  }

  /** Bytes of heap that they take. */
  static long loadedBytes(Optional<TensorInfo> stored) {
    return stored.map(tensor -> Float.BYTES * tensor.shape().elementCount()).orElse(0L);
  }

  /** Multiplies the rows {@code [from, to)}, which begin at the beginning of {@code values}. */
  void multiply(int from, int to, int width, float[] values) {
    if (factors.length == 0) {
      return;
    }
    for (int row = from; row < to; row++) {
      int begin = (row - from) * width;
      for (int i = begin; i < begin + width; i++) {
        values[i] *= factors[row];
      }
    }
  }
}
