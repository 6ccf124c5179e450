package athanor.kernel;

import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * The singular value decomposition of a small dense float64 matrix: one-sided Jacobi rotations on
 * the transposed triangle of its QR decomposition (Drmač and Veselić, "New fast and accurate Jacobi
 * SVD algorithm I", 2008). Accurate also for singular values far below the largest. Column-major.
 *
 * @param size number of singular values
 * @param values singular values, descending; those that vanish beside the largest are 0
 * @param left left singular vectors, column-major {@code [rows, size]}; zero where the value is
 * @param right right singular vectors, column-major {@code [columns, size]}; zero where the value
 *     is
 */
record JacobiSvd(int size, double[] values, double[] left, double[] right) {
  /** Columns count as orthogonal when the cosine of their angle is this small. */
  private static final double ORTHOGONAL = 1e-13;

  /** Relative to the largest; below it a singular value is rounding error. */
  private static final double VANISHED = 1e-15;

  private static final int MOST_SWEEPS = 60;

  /**
   * Decomposes a column-major matrix {@code [rows, columns]}, which it takes over.
   *
   * @param noise singular values up to this are rounding error of the matrix and become 0
   */
  @SuppressWarnings("ArgumentSelectionDefectChecker") // mirrored: left and right change places
  static JacobiSvd of(Kernels kernels, double[] matrix, int rows, int columns, double noise) {
    if (rows < columns) {
      JacobiSvd mirrored = of(kernels, Transpose.of(matrix, rows, columns), columns, rows, noise);
      return new JacobiSvd(mirrored.size, mirrored.values, mirrored.right, mirrored.left);
    }
    int[] byNorm = byDescendingNorm(kernels, matrix, rows, columns);
    double[] permuted = new double[matrix.length];
    for (int column = 0; column < columns; column++) {
      System.arraycopy(matrix, byNorm[column] * rows, permuted, column * rows, rows);
    }
    HouseholderQr qr = HouseholderQr.of(kernels, permuted, rows, columns);
    Rotations rotations = new Rotations(kernels, qr);
    rotations.run();
    return rotations.result(qr, byNorm, noise);
  }

  /** The leading values and vectors of a matrix {@code [rows, columns]}; fewer if it has fewer. */
  TruncatedSvd truncate(int rows, int columns, int rank) {
    int kept = Math.min(rank, size);
    return TruncatedSvd.of(
        rows,
        columns,
        Arrays.copyOf(values, kept),
        Arrays.copyOf(left, kept * rows),
        Arrays.copyOf(right, kept * columns));
  }

  private static int[] byDescendingNorm(Kernels kernels, double[] matrix, int rows, int columns) {
    double[] norms = new double[columns];
    for (int column = 0; column < columns; column++) {
      norms[column] = kernels.dot(matrix, column * rows, matrix, column * rows, rows);
    }
    return descending(norms);
  }

  private static int[] descending(double[] values) {
    return IntStream.range(0, values.length)
        .boxed()
        .sorted(Comparator.comparingDouble(i -> -values[i]))
        .mapToInt(Integer::intValue)
        .toArray();
  }

  /**
   * Makes the columns of X = Rᵀ orthogonal by plane rotations J: then {@code R = J·Σ·(X·J/Σ)ᵀ}. A
   * column of X and the column of J below it are one column of length {@code 2·size}.
   */
  private static final class Rotations {
    private final Kernels kernels;
    private final int size;
    private final int stride;
    private final double[] columns;
    private final double[] squares;

    Rotations(Kernels kernels, HouseholderQr qr) {
      this.kernels = kernels;
      this.size = qr.size();
      this.stride = 2 * size;
      this.columns = new double[Math.multiplyExact(stride, size)];
      this.squares = new double[size];
      for (int column = 0; column < size; column++) {
        for (int row = column; row < size; row++) {
          int above = column;
          int right = row;
          columns[column * stride + row] = qr.r(above, right);
        }
        columns[column * stride + size + column] = 1;
      }
    }

    void run() {
      boolean rotated = true;
      for (int sweep = 0; rotated && sweep < MOST_SWEEPS; sweep++) {
        rotated = sweep();
      }
    }

    private boolean sweep() {
      for (int column = 0; column < size; column++) {
        squares[column] = square(column);
      }
      int[] order = descending(squares);
      double vanished = size == 0 ? 0 : squares[order[0]] * VANISHED * VANISHED;
      boolean rotated = false;
      for (int i = 0; i < size - 1; i++) {
        for (int j = i + 1; j < size; j++) {
          rotated |= orthogonalise(order[i], order[j], vanished);
        }
      }
      return rotated;
    }

    private boolean orthogonalise(int p, int q, double vanished) {
      if (squares[p] <= vanished || squares[q] <= vanished) {
        return false;
      }
      double product = kernels.dot(columns, p * stride, columns, q * stride, size);
      if (Math.abs(product) <= ORTHOGONAL * Math.sqrt(squares[p]) * Math.sqrt(squares[q])) {
        return false;
      }
      double zeta = (squares[q] - squares[p]) / (2 * product);
      double tangent = Math.copySign(1, zeta) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
      double cosine = 1 / Math.sqrt(1 + tangent * tangent);
      kernels.rotate(columns, p * stride, q * stride, stride, cosine, cosine * tangent);
      squares[p] = updated(p, squares[p], -tangent * product);
      squares[q] = updated(q, squares[q], tangent * product);
      return true;
    }

    /** Where the change cancels most of a square, it is computed anew. */
    private double updated(int column, double square, double change) {
      double sum = square + change;
      return sum > square / 16 ? sum : square(column);
    }

    private double square(int column) {
      return kernels.dot(columns, column * stride, columns, column * stride, size);
    }

    JacobiSvd result(HouseholderQr qr, int[] rowOfX, double noise) {
      for (int column = 0; column < size; column++) {
        squares[column] = square(column);
      }
      int[] order = descending(squares);
      double largest = size == 0 ? 0 : Math.sqrt(squares[order[0]]);
      double vanished = Math.max(noise, largest * VANISHED * size);
      double[] values = new double[size];
      double[] right = new double[size * size];
      double[] rotations = new double[size * size];
      for (int i = 0; i < size; i++) {
        double value = Math.sqrt(squares[order[i]]);
        if (value <= vanished) {
          break;
        }
        values[i] = value;
        int column = order[i] * stride;
        System.arraycopy(columns, column + size, rotations, i * size, size);
        for (int row = 0; row < size; row++) {
          right[i * size + rowOfX[row]] = columns[column + row] / value;
        }
      }
      return new JacobiSvd(size, values, qr.timesQ(rotations, size), right);
    }
  }
}
