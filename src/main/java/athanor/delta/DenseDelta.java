package athanor.delta;

import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;

/**
 * A difference stored in full: ΔW = scale · values.
 *
 * @param source the file that holds the values
 * @param values the difference, {@code [outputs, inputs]} when flattened
 * @param outputs rows of the difference
 * @param inputs columns; 1 for biases and norms
 * @param scale a factor, mostly 1
 */
public record DenseDelta(
    StateDict source, TensorInfo values, long outputs, long inputs, double scale) implements Delta {

  /** A difference in the shape in which it is stored. */
  public static DenseDelta of(StateDict source, TensorInfo values, double scale) {
    return new DenseDelta(source, values, values.shape().rows(), values.shape().columns(), scale);
  }

  /** A difference of a vector, whatever the shape in which it is stored. */
  public static DenseDelta ofVector(StateDict source, TensorInfo values, double scale) {
    return new DenseDelta(source, values, values.shape().elementCount(), 1, scale);
  }

  @Override
  public long loadedBytes() {
    return Float.BYTES * values.shape().elementCount();
  }

  @Override
  public LoadedDelta load(Arithmetic arithmetic) {
    float[] difference = arithmetic.rounded(arithmetic.read(source, values));
    int width = Math.toIntExact(inputs());
    return (from, to, target) ->
        System.arraycopy(difference, from * width, target, 0, (to - from) * width);
  }
}
