package athanor.kernel;

/** Transposed copies, which turn row-major into column-major and back. */
final class Transpose {
  private Transpose() {}

  /** Column-major float64 from row-major float32 {@code [rows, columns]}. */
  static double[] ofDoubles(float[] matrix, int rows, int columns) {
    double[] result = new double[Math.multiplyExact(rows, columns)];
    ofDoubles(matrix, rows, columns, result);
    return result;
  }

  /** As {@link #ofDoubles(float[], int, int)}, into an array at least that long. */
  static void ofDoubles(float[] matrix, int rows, int columns, double[] result) {
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        result[column * rows + row] = matrix[row * columns + column];
      }
    }
  }

  /** Row-major float32 from column-major float64 {@code [rows, columns]}. */
  static float[] ofColumns(double[] matrix, int rows, int columns) {
    float[] result = new float[Math.multiplyExact(rows, columns)];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        result[row * columns + column] = (float) matrix[column * rows + row];
      }
    }
    return result;
  }

  /** Row-major {@code [columns, rows]} from row-major {@code [rows, columns]}. */
  static float[] of(float[] matrix, int rows, int columns) {
    float[] result = new float[Math.multiplyExact(rows, columns)];
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < columns; column++) {
        result[column * rows + row] = matrix[row * columns + column];
      }
    }
    return result;
  }

  /** Column-major {@code [columns, rows]} from column-major {@code [rows, columns]}. */
  static double[] of(double[] matrix, int rows, int columns) {
    double[] result = new double[Math.multiplyExact(rows, columns)];
    for (int column = 0; column < columns; column++) {
      for (int row = 0; row < rows; row++) {
        result[row * columns + column] = matrix[column * rows + row];
      }
    }
    return result;
  }
}
