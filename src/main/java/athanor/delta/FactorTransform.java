package athanor.delta;

import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;

/**
 * A factor for each output or input: f(W) = W ⊙ (base + w).
 *
 * @param source the file that holds the values
 * @param values w, one for each output or input, in any shape
 * @param side what a value belongs to
 * @param base 0 where the values are the factors, 1 where they are what is added to a factor of 1
 */
public record FactorTransform(StateDict source, TensorInfo values, Side side, int base)
    implements RowTransform {

  @Override
  public long loadedBytes() {
    return Float.BYTES * values.shape().elementCount();
  }

  @Override
  public LoadedTransform load(Shape shape, Arithmetic arithmetic) {
    float[] factors = arithmetic.rounded(arithmetic.read(source, values));
    int width = Math.toIntExact(shape.columns());
    if (side == Side.OUTPUTS) {
      return (from, to, weight) -> {
        for (int row = 0; row < to - from; row++) {
          float factor = factors[from + row];
          for (int i = row * width; i < (row + 1) * width; i++) {
            weight[i] = Math.fma(factor, weight[i], base * weight[i]);
          }
        }
      };
    }
    int kernel = width / Math.toIntExact(Side.INPUTS.length(shape));
    float[] columns = new float[width];
    for (int column = 0; column < width; column++) {
      columns[column] = factors[column / kernel];
    }
    return (from, to, weight) -> {
      for (int row = 0; row < to - from; row++) {
        int offset = row * width;
        for (int column = 0; column < width; column++) {
          float value = weight[offset + column];
          weight[offset + column] = Math.fma(columns[column], value, base * value);
        }
      }
    };
  }
}
