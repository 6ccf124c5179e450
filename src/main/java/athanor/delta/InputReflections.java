package athanor.delta;

import athanor.error.Problem;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;

/**
 * Reflects the inputs of a weight one after the other, W′ = W·H₁·H₂…, by Householder matrices Hⱼ =
 * I − 2uⱼuⱼᵀ / ‖uⱼ‖². The inputs of a convolution are its channels times its kernel.
 *
 * @param source the file that holds the vectors
 * @param vectors {@code [inputs, count]}, a vector uⱼ in each column
 * @param orthogonal whether each vector first loses what it has of those before it (Gram-Schmidt)
 */
public record InputReflections(StateDict source, TensorInfo vectors, boolean orthogonal)
    implements RowTransform {

  @Override
  public long loadedBytes() {
    return (Float.BYTES + Double.BYTES) * vectors.shape().elementCount();
  }

  /**
   * As {@link RowTransform#load}; of kind BAD_FILE also if a vector is 0, or becomes 0 where they
   * are made orthogonal: it has no direction to reflect along.
   */
  @Override
  public LoadedTransform load(Shape shape, Arithmetic arithmetic) {
    int width = Math.toIntExact(vectors.shape().rows());
    int count = Math.toIntExact(vectors.shape().columns());
    float[] stored = arithmetic.rounded(arithmetic.read(source, vectors));
    double[][] units = new double[count][width];
    for (int j = 0; j < count; j++) {
      for (int i = 0; i < width; i++) {
        units[j][i] = stored[i * count + j];
      }
      for (int k = 0; orthogonal && k < j; k++) {
        addTo(units[j], -dot(units[k], units[j]), units[k]);
      }
      double length = Math.sqrt(dot(units[j], units[j]));
      if (!(length > 0)) {
        throw Problem.badFile("a vector to reflect along is 0")
            .at(source.name() + ", " + vectors.key())
            .found("column " + j)
            .help("this file is broken (a failed training run?); leave it out")
            .toException();
      }
      for (int i = 0; i < width; i++) {
        units[j][i] /= length;
      }
    }
    return (from, to, values) -> reflect(units, (to - from), values);
  }

  private static void reflect(double[][] units, int rows, float[] values) {
    double[] row = new double[units[0].length];
    for (int begin = 0; begin < rows * row.length; begin += row.length) {
      for (int i = 0; i < row.length; i++) {
        row[i] = values[begin + i];
      }
      for (double[] unit : units) {
        addTo(row, -2 * dot(row, unit), unit);
      }
      for (int i = 0; i < row.length; i++) {
        values[begin + i] = (float) row[i];
      }
    }
  }

  private static double dot(double[] x, double[] y) {
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += x[i] * y[i];
    }
    return sum;
  }

  private static void addTo(double[] target, double factor, double[] vector) {
    for (int i = 0; i < target.length; i++) {
      target[i] += factor * vector[i];
    }
  }
}
