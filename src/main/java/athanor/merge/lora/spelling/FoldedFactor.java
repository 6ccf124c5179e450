package athanor.merge.lora.spelling;

import athanor.kernel.Kernels;
import athanor.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * A factor of a stored pair with a power of two multiplied into it.
 *
 * @param factor the factor
 * @param dtype the type in which it will be stored
 * @param gain ± a power of two, or 0
 */
record FoldedFactor(Factor factor, DType dtype, float gain) {

  /**
   * What storing the product would lose.
   *
   * @param values how many values are rounded; only those so small that the type has no digit left
   * @param relativeError ‖loss‖ / ‖factor‖, not a number or infinite where a value overflows
   */
  record Loss(long values, double relativeError) {
    static final Loss NONE = new Loss(0, 0);
  }

  Loss loss(Kernels kernels) {
    if (gain == 1) {
      return Loss.NONE;
    }
    float[] values = values(kernels);
    float[] stored = values.clone();
    storeAndLoad(stored, kernels);
    long rounded = 0;
    double squaredError = 0;
    for (int i = 0; i < values.length; i++) {
      double error = (double) stored[i] - values[i];
      squaredError += error * error;
      rounded += error == 0 ? 0 : 1;
    }
    double squaredNorm = kernels.sumOfSquares(values, 0, values.length);
    boolean exact = squaredError == 0;
    return new Loss(rounded, exact ? 0 : Math.sqrt(squaredError / squaredNorm));
  }

  /** The factor, rounded to the stored type, times the gain; not rounded again. */
  float[] values(Kernels kernels) {
    float[] values = factor.values(kernels);
    if (dtype != factor.dtype()) {
      storeAndLoad(values, kernels);
    }
    for (int i = 0; i < values.length; i++) {
      values[i] *= gain;
    }
    return values;
  }

  private void storeAndLoad(float[] values, Kernels kernels) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate((long) values.length * dtype.bytes(), 64);
      kernels.fromFloat(values, 0, dtype, bytes, 0, values.length);
      kernels.toFloat(dtype, bytes, 0, values, 0, values.length);
    }
  }
}
