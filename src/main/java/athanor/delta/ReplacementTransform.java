package athanor.delta;

import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;

/**
 * Another weight in place of the one that is there: f(W) = V.
 *
 * @param source the file that holds V
 * @param values V, with as many values as the weight
 */
public record ReplacementTransform(StateDict source, TensorInfo values) implements RowTransform {
  @Override
  public long loadedBytes() {
    return Float.BYTES * values.shape().elementCount();
  }

  @Override
  public LoadedTransform load(Shape shape, Arithmetic arithmetic) {
    float[] replacement = arithmetic.rounded(arithmetic.read(source, values));
    int width = Math.toIntExact(shape.columns());
    return (from, to, weight) ->
        System.arraycopy(replacement, from * width, weight, 0, (to - from) * width);
  }
}
