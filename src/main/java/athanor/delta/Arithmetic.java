package athanor.delta;

import athanor.kernel.Kernels;
import athanor.tensor.DType;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;

/**
 * How loaded values are computed with. Everything is computed in float32; a lower precision, as
 * kohya's {@code --precision} asks for, rounds the factors before they are multiplied.
 *
 * @param kernels the inner loops
 * @param precision F32, F16 or BF16
 */
public record Arithmetic(Kernels kernels, DType precision) {

  /** Float32 throughout. */
  public static Arithmetic float32(Kernels kernels) {
    return new Arithmetic(kernels, DType.F32);
  }

  /** Whether nothing is rounded below float32. */
  public boolean isFull() {
    return precision == DType.F32;
  }

  /**
   * All values of a tensor as float32, row-major, not rounded.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if it cannot be read, or a value is NaN
   *     or infinite
   */
  public float[] read(StateDict source, TensorInfo tensor) {
    return FiniteValues.read(source, tensor, kernels);
  }

  /** Rounds a factor to the precision, in place; returns it. */
  public float[] rounded(float[] factor) {
    kernels.round(precision, factor, 0, factor.length);
    return factor;
  }
}
