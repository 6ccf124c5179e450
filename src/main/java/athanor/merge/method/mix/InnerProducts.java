package athanor.merge.method.mix;

import athanor.delta.CombinedRows;

/**
 * Inner products of the base and the values of each part, over a whole weight, in float64. Rows are
 * summed one by one, so that they do not depend on how rows are divided.
 */
final class InnerProducts {
  private final int vectors;
  private final double[] products;

  /** Of so many vectors: the base and the parts. */
  InnerProducts(int vectors) {
    this.vectors = vectors;
    this.products = new double[vectors * vectors];
  }

  /** The product of two: 0 is the base, part i is i + 1. */
  double of(int one, int other) {
    return products[Math.min(one, other) * vectors + Math.max(one, other)];
  }

  void add(CombinedRows rows) {
    for (int one = 0; one < vectors; one++) {
      for (int other = one; other < vectors; other++) {
        float[] x = vector(rows, one);
        float[] y = vector(rows, other);
        for (int row = 0; row < rows.to() - rows.from(); row++) {
          products[one * vectors + other] += dot(x, y, row * rows.columns(), rows.columns());
        }
      }
    }
  }

  private static float[] vector(CombinedRows rows, int index) {
    return index == 0 ? rows.base() : rows.values().get(index - 1);
  }

  private static double dot(float[] x, float[] y, int at, int count) {
    double sum = 0;
    for (int i = at; i < at + count; i++) {
      sum += (double) x[i] * y[i];
    }
    return sum;
  }
}
