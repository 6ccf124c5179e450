package athanor.kernel;

import java.util.Arrays;

/**
 * The thin QR decomposition of a float64 matrix by Householder reflections (Golub and Van Loan,
 * Matrix Computations, 5.2): stable for every matrix, also where columns depend on each other.
 * Matrices are column-major here, because reflections work along columns.
 */
final class HouseholderQr {
  /**
   * What is left of a column counts as 0 below this: its square is hardly a normal number any more,
   * so that a reflection made from it would not be one. Columns that depend on each other exactly
   * get there, each step leaving the rounding error of the rounding error.
   */
  private static final double SMALLEST = 0x1p-500;

  private final Kernels kernels;
  private final int rows;
  private final int columnCount;

  /** Above the diagonal R; from the diagonal down the vector of each reflection. */
  private final double[] columns;

  private final double[] diagonal;
  private final double[] betas;

  private HouseholderQr(Kernels kernels, double[] columns, int rows, int columnCount) {
    this.kernels = kernels;
    this.columns = columns;
    this.rows = rows;
    this.columnCount = columnCount;
    this.diagonal = new double[Math.min(rows, columnCount)];
    this.betas = new double[diagonal.length];
  }

  /**
   * Decomposes a matrix.
   *
   * @param columns column-major {@code [rows, columnCount]}, may be longer; taken over
   */
  static HouseholderQr of(Kernels kernels, double[] columns, int rows, int columnCount) {
    var qr = new HouseholderQr(kernels, columns, rows, columnCount);
    for (int step = 0; step < qr.size(); step++) {
      qr.eliminateBelow(step);
    }
    return qr;
  }

  private void eliminateBelow(int step) {
    int pivot = step * rows + step;
    int length = rows - step;
    double norm = Math.sqrt(kernels.dot(columns, pivot, columns, pivot, length));
    double first = columns[pivot];
    if (norm < SMALLEST) {
      return;
    }
    diagonal[step] = first > 0 ? -norm : norm;
    columns[pivot] = first - diagonal[step];
    betas[step] = 1 / (norm * (norm + Math.abs(first)));
    reflect(step, columns, step + 1, columnCount - step - 1);
  }

  private void reflect(int step, double[] target, int firstColumn, int count) {
    int vector = step * rows + step;
    int offset = firstColumn * rows + step;
    kernels.reflect(columns, vector, rows - step, betas[step], target, offset, rows, count);
  }

  /** Rows of R, columns of Q: the smaller dimension of the matrix. */
  int size() {
    return diagonal.length;
  }

  /** An element of R, {@code [size, columnCount]}. */
  double r(int row, int column) {
    if (row == column) {
      return diagonal[row];
    }
    return row < column ? columns[column * rows + row] : 0;
  }

  /** The Euclidean norm of a column of R, and so of the matrix. */
  double columnNorm(int column) {
    double sum = 0;
    for (int row = 0; row <= Math.min(column, size() - 1); row++) {
      sum += r(row, column) * r(row, column);
    }
    return Math.sqrt(sum);
  }

  /**
   * {@code Q·X} as a new column-major matrix {@code [rows, count]}.
   *
   * @param x column-major {@code [size, count]}
   */
  double[] timesQ(double[] x, int count) {
    double[] product = new double[Math.multiplyExact(rows, count)];
    timesQ(x, count, product);
    return product;
  }

  /** As {@link #timesQ(double[], int)}, into an array at least that long. */
  void timesQ(double[] x, int count, double[] product) {
    for (int column = 0; column < count; column++) {
      System.arraycopy(x, column * size(), product, column * rows, size());
      Arrays.fill(product, column * rows + size(), (column + 1) * rows, 0);
    }
    for (int step = size() - 1; step >= 0; step--) {
      reflect(step, product, 0, count);
    }
  }

  /** Q itself, column-major {@code [rows, size]}. */
  double[] q() {
    double[] q = new double[Math.multiplyExact(rows, size())];
    for (int step = size() - 1; step >= 0; step--) {
      q[step * rows + step] = 1;
      reflect(step, q, step, size() - step);
    }
    return q;
  }
}
