package athanor.kernel;

/**
 * The leading part of a singular value decomposition: {@code M ≈ U·diag(S)·Vᵀ}. The arrays belong
 * to the receiver.
 *
 * @param rows rows of M
 * @param columns columns of M
 * @param rank number of singular values kept
 * @param u left singular vectors, row-major {@code [rows, rank]}, orthonormal columns
 * @param s singular values, descending
 * @param vt right singular vectors, row-major {@code [rank, columns]}, orthonormal rows
 */
public record TruncatedSvd(int rows, int columns, int rank, float[] u, double[] s, float[] vt) {

  /**
   * From float64 factors, column-major {@code [rows, rank]} and {@code [columns, rank]}, which may
   * be longer.
   */
  static TruncatedSvd of(int rows, int columns, double[] s, double[] left, double[] right) {
    int rank = s.length;
    float[] u = Transpose.ofColumns(left, rows, rank);
    float[] vt = new float[Math.multiplyExact(columns, rank)];
    for (int i = 0; i < vt.length; i++) {
      vt[i] = (float) right[i];
    }
    return new TruncatedSvd(rows, columns, rank, u, s, vt);
  }

  /** Σ sᵢ²: the square of the Frobenius norm of the kept part. */
  public double squaredNorm() {
    double sum = 0;
    for (double value : s) {
      sum += value * value;
    }
    return sum;
  }
}
