package athanor.kernel;

/**
 * The singular value decomposition of a dense matrix M: of its leading part by a randomised range
 * finder (Halko, Martinsson, Tropp, "Finding structure with randomness", 2011, algorithms 4.4 and
 * 5.1), or of all of it. Either states how far off it is. One thread per call; the result depends
 * on the arguments alone.
 *
 * @param factors the decomposition
 * @param squaredNorm the square of the Frobenius norm of M
 */
public record DenseSvd(TruncatedSvd factors, double squaredNorm) {
  private static final int POWER_ITERATIONS = 3;

  /** Products of matrices of this exponent are in no danger. */
  private static final int MODERATE = 40;

  private static final int LARGEST_POWER = 120;

  /** Rows of the right-hand factor that are packed at a time, to bound memory. */
  private static final int PACKED_ROWS = 256;

  /**
   * The square of the Frobenius norm of {@code M − U·diag(S)·Vᵀ}. As S comes from float32 products,
   * errors below about 10⁻⁷ of {@link #squaredNorm} cannot be told from 0.
   */
  public double squaredError() {
    return Math.max(0, squaredNorm - factors.squaredNorm());
  }

  /**
   * The leading singular values and vectors, nearly the best of this rank. The range of M is found
   * from products with a random matrix that is a quarter wider than the rank, sharpened by power
   * iterations. A rank near the dimensions of the matrix decomposes all of it, which is slow above
   * a thousand rows and columns.
   *
   * @param matrix row-major {@code [rows, columns]}
   * @param rank at least 0; more than the matrix has means all
   * @param seed of the random matrix
   * @throws IllegalArgumentException if the matrix holds an infinity or NaN
   */
  public static DenseSvd truncated(
      Kernels kernels, float[] matrix, int rows, int columns, int rank, long seed) {
    int most = Math.min(rows, columns);
    int width = Math.min(rank, most) + Math.max(10, Math.min(rank, most) / 4);
    if (width >= most) {
      return decompose(kernels, matrix, rows, columns, rank);
    }
    double squaredNorm = squaredNorm(kernels, matrix, rows, columns);
    float scale = scale(squaredNorm);
    float[] rightBasis = random(columns * width, seed);
    float[] leftBasis = {};
    for (int i = 0; i <= POWER_ITERATIONS; i++) {
      multiply(rightBasis, scale);
      float[] image = product(kernels, rows, columns, width, matrix, rightBasis);
      leftBasis = orthonormalColumns(kernels, image, rows, width);
      if (i < POWER_ITERATIONS) {
        multiply(leftBasis, scale);
        float[] back = productWithTransposed(kernels, rows, columns, width, leftBasis, matrix);
        rightBasis =
            orthonormalColumns(kernels, Transpose.of(back, width, columns), columns, width);
      }
    }
    float[] scaled = leftBasis.clone();
    multiply(scaled, scale);
    float[] rest = productWithTransposed(kernels, rows, columns, width, scaled, matrix);
    TruncatedSvd svd = LowRankSvd.of(kernels, rows, width, columns, leftBasis, rest).truncate(rank);
    for (int i = 0; i < svd.s().length; i++) {
      svd.s()[i] /= scale;
    }
    return new DenseSvd(svd, squaredNorm);
  }

  /**
   * A power of two that brings a matrix of extreme magnitude near 1, so that its float32 products
   * neither overflow nor vanish; 1 for all others.
   */
  private static float scale(double squaredNorm) {
    int exponent = squaredNorm == 0 ? 0 : Math.getExponent(Math.sqrt(squaredNorm));
    return Math.abs(exponent) <= MODERATE
        ? 1
        : Math.scalb(1f, Math.clamp(-exponent, -LARGEST_POWER, LARGEST_POWER));
  }

  private static void multiply(float[] values, float factor) {
    if (factor != 1) {
      for (int i = 0; i < values.length; i++) {
        values[i] *= factor;
      }
    }
  }

  /**
   * All singular values and vectors, in float64; for matrices of some hundred rows or columns.
   *
   * @param matrix row-major {@code [rows, columns]}
   * @throws IllegalArgumentException if the matrix holds an infinity or NaN
   */
  public static DenseSvd full(Kernels kernels, float[] matrix, int rows, int columns) {
    return decompose(kernels, matrix, rows, columns, Math.min(rows, columns));
  }

  private static DenseSvd decompose(
      Kernels kernels, float[] matrix, int rows, int columns, int rank) {
    double squaredNorm = squaredNorm(kernels, matrix, rows, columns);
    double[] byColumn = Transpose.ofDoubles(matrix, rows, columns);
    JacobiSvd svd = JacobiSvd.of(kernels, byColumn, rows, columns, 0);
    return new DenseSvd(svd.truncate(rows, columns, rank), squaredNorm);
  }

  private static double squaredNorm(Kernels kernels, float[] matrix, int rows, int columns) {
    double squaredNorm = kernels.sumOfSquares(matrix, 0, Math.multiplyExact(rows, columns));
    if (!Double.isFinite(squaredNorm)) {
      throw new IllegalArgumentException("matrix: holds an infinity or NaN (expected: numbers)");
    }
    return squaredNorm;
  }

  private static float[] random(int count, long seed) {
    SplitMix random = new SplitMix(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextSymmetric();
    }
    return values;
  }

  /** M·B, row-major {@code [rows, width]}; B is {@code [columns, width]}. */
  private static float[] product(
      Kernels kernels, int rows, int columns, int width, float[] matrix, float[] b) {
    float[] result = new float[rows * width];
    for (int from = 0; from < columns; from += PACKED_ROWS) {
      int inner = Math.min(PACKED_ROWS, columns - from);
      PackedMatrix packed = kernels.pack(inner, width, b, from * width, width);
      kernels.multiplyAdd(rows, matrix, from, columns, packed, result, 0, width);
    }
    return result;
  }

  /** Aᵀ·M, row-major {@code [width, columns]}; A is {@code [rows, width]}. */
  private static float[] productWithTransposed(
      Kernels kernels, int rows, int columns, int width, float[] a, float[] matrix) {
    float[] transposed = Transpose.of(a, rows, width);
    float[] result = new float[width * columns];
    for (int from = 0; from < rows; from += PACKED_ROWS) {
      int inner = Math.min(PACKED_ROWS, rows - from);
      PackedMatrix packed = kernels.pack(inner, columns, matrix, from * columns, columns);
      kernels.multiplyAdd(width, transposed, from, rows, packed, result, 0, columns);
    }
    return result;
  }

  /** An orthonormal basis of the columns of a row-major matrix, row-major. */
  private static float[] orthonormalColumns(
      Kernels kernels, float[] matrix, int rows, int columns) {
    double[] byColumn = Transpose.ofDoubles(matrix, rows, columns);
    return Transpose.ofColumns(
        HouseholderQr.of(kernels, byColumn, rows, columns).q(), rows, columns);
  }
}
