package athanor.kernel;

/** Float64 vector operations in plain Java. */
final class ScalarColumns {
  /** Partial sums of a reduction: element i belongs to sum i mod 16. */
  static final int SUMS = 16;

  private ScalarColumns() {}

  static double sumOfSquares(float[] values, int offset, int count) {
    double[] sums = new double[SUMS];
    addSquares(values, offset, 0, count, sums);
    return total(sums);
  }

  static double dot(double[] x, int xOffset, double[] y, int yOffset, int count) {
    double[] sums = new double[SUMS];
    addProducts(x, xOffset, y, yOffset, 0, count, sums);
    return total(sums);
  }

  static void reflect(
      double[] v,
      int vOffset,
      int count,
      double beta,
      double[] columns,
      int offset,
      int stride,
      int columnCount) {
    for (int j = 0; j < columnCount; j++) {
      int column = offset + j * stride;
      double factor = -beta * dot(v, vOffset, columns, column, count);
      addMultiple(factor, v, vOffset, columns, column, 0, count);
    }
  }

  static void rotate(
      double[] columns, int xOffset, int yOffset, int count, double cosine, double sine) {
    rotate(columns, xOffset, yOffset, 0, count, cosine, sine);
  }

  static void addSquares(float[] values, int offset, int begin, int end, double[] sums) {
    for (int i = begin; i < end; i++) {
      double value = values[offset + i];
      sums[i % SUMS] = Math.fma(value, value, sums[i % SUMS]);
    }
  }

  static void addProducts(
      double[] x, int xOffset, double[] y, int yOffset, int begin, int end, double[] sums) {
    for (int i = begin; i < end; i++) {
      sums[i % SUMS] = Math.fma(x[xOffset + i], y[yOffset + i], sums[i % SUMS]);
    }
  }

  static void addMultiple(
      double factor, double[] x, int xOffset, double[] y, int yOffset, int begin, int end) {
    for (int i = begin; i < end; i++) {
      y[yOffset + i] = Math.fma(factor, x[xOffset + i], y[yOffset + i]);
    }
  }

  static void rotate(
      double[] columns, int x, int y, int begin, int end, double cosine, double sine) {
    for (int i = begin; i < end; i++) {
      double xValue = columns[x + i];
      double yValue = columns[y + i];
      columns[x + i] = Math.fma(cosine, xValue, -sine * yValue);
      columns[y + i] = Math.fma(cosine, yValue, sine * xValue);
    }
  }

  /** The sum of the partial sums, pairwise; destroys them. */
  static double total(double[] sums) {
    for (int half = SUMS / 2; half > 0; half /= 2) {
      for (int i = 0; i < half; i++) {
        sums[i] += sums[i + half];
      }
    }
    return sums[0];
  }
}
