package athanor.kernel;

import java.util.Arrays;

/**
 * The exact singular value decomposition of a product {@code M = up·down} that is never formed: QR
 * of both factors, then the decomposition of the small product of the two triangles, all in
 * float64. The best approximation of M of any lower rank follows by {@link #truncate} (Eckart and
 * Young). Any rank of the factors is allowed, also one above their other dimensions, and factors
 * whose columns depend on each other. One thread per decomposition.
 */
public final class LowRankSvd {
  private final int rows;
  private final int columns;
  private final HouseholderQr upQr;
  private final HouseholderQr downQr;
  private final JacobiSvd core;
  private final SvdMemory.Arrays memory;

  private LowRankSvd(
      int rows,
      int columns,
      HouseholderQr upQr,
      HouseholderQr downQr,
      JacobiSvd core,
      SvdMemory.Arrays memory) {
    this.rows = rows;
    this.columns = columns;
    this.upQr = upQr;
    this.downQr = downQr;
    this.core = core;
    this.memory = memory;
  }

  /**
   * Decomposes {@code up·down}.
   *
   * @param rows rows of {@code up}
   * @param rank columns of {@code up}, rows of {@code down}
   * @param columns columns of {@code down}
   * @param up row-major {@code [rows, rank]}
   * @param down row-major {@code [rank, columns]}
   * @throws IllegalArgumentException if a factor holds an infinity or NaN
   * @throws ArithmeticException if a factor has more than 2³¹ − 1 elements
   */
  public static LowRankSvd of(
      Kernels kernels, int rows, int rank, int columns, float[] up, float[] down) {
    return of(kernels, rows, rank, columns, up, down, new SvdMemory.Arrays());
  }

  static LowRankSvd of(
      Kernels kernels,
      int rows,
      int rank,
      int columns,
      float[] up,
      float[] down,
      SvdMemory.Arrays memory) {
    requireFinite("up", kernels.sumOfSquares(up, 0, Math.multiplyExact(rows, rank)));
    requireFinite("down", kernels.sumOfSquares(down, 0, Math.multiplyExact(rank, columns)));
    double[] upColumns = memory.up(Math.multiplyExact(rows, rank));
    Transpose.ofDoubles(up, rows, rank, upColumns);
    HouseholderQr upQr = HouseholderQr.of(kernels, upColumns, rows, rank);
    double[] downRows = memory.down(Math.multiplyExact(rank, columns));
    for (int i = 0; i < rank * columns; i++) {
      downRows[i] = down[i];
    }
    HouseholderQr downQr = HouseholderQr.of(kernels, downRows, columns, rank);
    double[] core = core(kernels, upQr, downQr, rank);
    double noise = noise(upQr, downQr, rank);
    JacobiSvd svd = JacobiSvd.of(kernels, core, upQr.size(), downQr.size(), noise);
    return new LowRankSvd(rows, columns, upQr, downQr, svd, memory);
  }

  private static void requireFinite(String name, double squaredNorm) {
    if (!Double.isFinite(squaredNorm)) {
      throw new IllegalArgumentException(name + ": holds an infinity or NaN (expected: numbers)");
    }
  }

  /** The product of the triangles, {@code R₁·R₂ᵀ}, column-major; rows of both are contiguous. */
  private static double[] core(
      Kernels kernels, HouseholderQr upQr, HouseholderQr downQr, int rank) {
    double[] upRows = rowsOfR(upQr, rank);
    double[] downRows = rowsOfR(downQr, rank);
    double[] core = new double[upQr.size() * downQr.size()];
    for (int column = 0; column < downQr.size(); column++) {
      for (int row = 0; row < upQr.size(); row++) {
        int from = Math.max(row, column);
        core[column * upQr.size() + row] =
            kernels.dot(upRows, row * rank + from, downRows, column * rank + from, rank - from);
      }
    }
    return core;
  }

  /** What rounding leaves where the products of columns of up and rows of down cancel out. */
  private static double noise(HouseholderQr upQr, HouseholderQr downQr, int rank) {
    double sum = 0;
    for (int i = 0; i < rank; i++) {
      sum += upQr.columnNorm(i) * downQr.columnNorm(i);
    }
    return 8 * Math.ulp(1.0) * sum;
  }

  private static double[] rowsOfR(HouseholderQr qr, int rank) {
    double[] result = new double[qr.size() * rank];
    for (int row = 0; row < qr.size(); row++) {
      for (int column = row; column < rank; column++) {
        result[row * rank + column] = qr.r(row, column);
      }
    }
    return result;
  }

  /**
   * All singular values of the product, descending; those that only rounding tells from 0 are 0.
   */
  public double[] singularValues() {
    return core.values().clone();
  }

  /**
   * The best approximation of this rank.
   *
   * @param rank at least 0; more than there are singular values means all of them
   */
  public TruncatedSvd truncate(int rank) {
    int kept = Math.min(rank, core.size());
    double[] left = Arrays.copyOf(core.left(), kept * upQr.size());
    double[] right = Arrays.copyOf(core.right(), kept * downQr.size());
    double[] u = memory.left(Math.multiplyExact(rows, kept));
    double[] v = memory.right(Math.multiplyExact(columns, kept));
    upQr.timesQ(left, kept, u);
    downQr.timesQ(right, kept, v);
    return TruncatedSvd.of(rows, columns, Arrays.copyOf(core.values(), kept), u, v);
  }

  /** Σ σᵢ² of what {@link #truncate} leaves out: the square of the Frobenius norm of its error. */
  public double squaredError(int rank) {
    double sum = 0;
    for (int i = core.size() - 1; i >= rank; i--) {
      sum += core.values()[i] * core.values()[i];
    }
    return sum;
  }
}
