package athanor.kernel;

import java.util.Arrays;

/**
 * Eigenvalues of a small dense symmetric float64 matrix: Householder reduction to tridiagonal form,
 * then implicit QL (Golub and Van Loan, "Matrix Computations", §8.3). Stateless.
 */
public final class SymmetricEigenvalues {
  private static final int MOST_STEPS = 60;

  private SymmetricEigenvalues() {}

  /**
   * All eigenvalues in descending order.
   *
   * @param matrix {@code [size, size]}, finite; only its lower triangle is read; overwritten
   * @throws ArithmeticException if the iteration does not converge, as with NaN
   */
  public static double[] of(double[] matrix, int size) {
    if (size == 0) {
      return new double[0];
    }
    double[] diagonal = new double[size];
    double[] beside = new double[size];
    reduce(matrix, size, diagonal, beside);
    iterate(diagonal, beside, size);
    Arrays.sort(diagonal);
    for (int i = 0, j = size - 1; i < j; i++, j--) {
      double value = diagonal[i];
      diagonal[i] = diagonal[j];
      diagonal[j] = value;
    }
    return diagonal;
  }

  /** Row by row from the last: each is reflected to have one element beside the diagonal. */
  private static void reduce(double[] a, int size, double[] diagonal, double[] beside) {
    double[] p = new double[size];
    for (int row = size - 1; row > 0; row--) {
      int at = row * size;
      double scale = 0;
      for (int k = 0; k < row; k++) {
        scale += Math.abs(a[at + k]);
      }
      if (row == 1 || scale == 0) {
        beside[row] = a[at + row - 1];
        continue;
      }
      double norm = 0;
      for (int k = 0; k < row; k++) {
        a[at + k] /= scale;
        norm += a[at + k] * a[at + k];
      }
      double last = a[at + row - 1];
      double length = last >= 0 ? -Math.sqrt(norm) : Math.sqrt(norm);
      beside[row] = scale * length;
      double h = norm - last * length;
      a[at + row - 1] = last - length;
      double overlap = 0;
      for (int j = 0; j < row; j++) {
        double sum = 0;
        for (int k = 0; k <= j; k++) {
          sum += a[j * size + k] * a[at + k];
        }
        for (int k = j + 1; k < row; k++) {
          sum += a[k * size + j] * a[at + k];
        }
        p[j] = sum / h;
        overlap += p[j] * a[at + j];
      }
      double half = overlap / (h + h);
      for (int j = 0; j < row; j++) {
        double v = a[at + j];
        p[j] -= half * v;
        double q = p[j];
        for (int k = 0; k <= j; k++) {
          a[j * size + k] -= v * p[k] + q * a[at + k];
        }
      }
    }
    for (int i = 0; i < size; i++) {
      diagonal[i] = a[i * size + i];
    }
  }

  private static void iterate(double[] d, double[] e, int size) {
    System.arraycopy(e, 1, e, 0, size - 1);
    e[size - 1] = 0;
    for (int left = 0; left < size; left++) {
      int steps = 0;
      int split;
      while ((split = split(d, e, left, size)) != left) {
        if (++steps > MOST_STEPS) {
          throw new ArithmeticException("eigenvalues do not converge");
        }
        step(d, e, left, split);
      }
    }
  }

  /** The first index from {@code left} on whose element beside the diagonal vanishes. */
  private static int split(double[] d, double[] e, int left, int size) {
    int at = left;
    while (at < size - 1) {
      double sum = Math.abs(d[at]) + Math.abs(d[at + 1]);
      if (Math.abs(e[at]) <= Math.ulp(sum)) {
        break;
      }
      at++;
    }
    return at;
  }

  /** One implicit QL step on the elements from {@code left} to {@code right}. */
  private static void step(double[] d, double[] e, int left, int right) {
    double g = (d[left + 1] - d[left]) / (2 * e[left]);
    double r = Math.hypot(g, 1);
    g = d[right] - d[left] + e[left] / (g + Math.copySign(r, g));
    double sine = 1;
    double cosine = 1;
    double shift = 0;
    for (int i = right - 1; i >= left; i--) {
      double f = sine * e[i];
      double b = cosine * e[i];
      r = Math.hypot(f, g);
      e[i + 1] = r;
      if (r == 0) {
        d[i + 1] -= shift;
        e[right] = 0;
        return;
      }
      sine = f / r;
      cosine = g / r;
      g = d[i + 1] - shift;
      r = (d[i] - g) * sine + 2 * cosine * b;
      shift = sine * r;
      d[i + 1] = g + shift;
      g = cosine * r - b;
    }
    d[left] -= shift;
    e[left] = g;
    e[right] = 0;
  }
}
