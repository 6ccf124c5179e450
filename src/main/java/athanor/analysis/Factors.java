package athanor.analysis;

import athanor.delta.LowRankFactors;
import athanor.kernel.Kernels;
import athanor.kernel.SymmetricEigenvalues;

/**
 * A pair of factors in the forms that inner products need.
 *
 * @param rank inner dimension
 * @param up {@code [out, rank]}
 * @param upTurned {@code [rank, out]}
 * @param down {@code [rank, in]}
 * @param downTurned {@code [in, rank]}
 * @param ofUp upᵀ·up, {@code [rank, rank]}
 * @param ofDown down·downᵀ, {@code [rank, rank]}
 */
@SuppressWarnings("ArrayRecordComponent") // large, never handed out
record Factors(
    int rank,
    float[] up,
    float[] upTurned,
    float[] down,
    float[] downTurned,
    float[] ofUp,
    float[] ofDown) {
  /** A direction of less than this, relative to itself, is rounding error of float32 sums. */
  private static final double VANISHED = 1e-7;

  static Factors of(LowRankFactors factors, Kernels kernels) {
    LowRankFactors turned = factors.transposed();
    int rank = factors.rank();
    return new Factors(
        rank,
        factors.up(),
        turned.down(),
        factors.down(),
        turned.up(),
        products(kernels, turned.down(), rank, factors.up(), rank),
        products(kernels, factors.down(), rank, turned.up(), rank));
  }

  /** {@code [rank, inner] · [inner, otherRank]}. */
  static float[] products(Kernels kernels, float[] rows, int rank, float[] columns, int otherRank) {
    int inner = rows.length / rank;
    float[] result = new float[rank * otherRank];
    kernels.multiplyAdd(
        rank,
        rows,
        0,
        inner,
        kernels.pack(inner, otherRank, columns, 0, otherRank),
        result,
        0,
        otherRank);
    return result;
  }

  /** The squares of the singular values of scale · up · down. */
  Spectrum spectrum(double scale) {
    double[] lower = cholesky(ofUp, rank);
    double[] half = new double[rank * rank]; // ofDown · lower
    for (int i = 0; i < rank; i++) {
      for (int k = 0; k < rank; k++) {
        double factor = ofDown[i * rank + k];
        for (int j = 0; j <= k; j++) {
          half[i * rank + j] += factor * lower[k * rank + j];
        }
      }
    }
    double[] core = new double[rank * rank]; // lowerᵀ · half
    for (int k = 0; k < rank; k++) {
      for (int i = 0; i <= k; i++) {
        double factor = lower[k * rank + i];
        for (int j = 0; j < rank; j++) {
          core[i * rank + j] += factor * half[k * rank + j];
        }
      }
    }
    double[] values = SymmetricEigenvalues.of(core, rank);
    for (int i = 0; i < rank; i++) {
      values[i] = Math.max(0, values[i]) * scale * scale;
    }
    return new Spectrum(values);
  }

  /** L with L·Lᵀ = gram; columns of what depends on earlier ones are 0. */
  static double[] cholesky(float[] gram, int rank) {
    double[] lower = new double[rank * rank];
    for (int j = 0; j < rank; j++) {
      double rest = gram[j * rank + j];
      for (int k = 0; k < j; k++) {
        rest -= lower[j * rank + k] * lower[j * rank + k];
      }
      if (rest <= VANISHED * gram[j * rank + j]) {
        continue;
      }
      double pivot = Math.sqrt(rest);
      lower[j * rank + j] = pivot;
      for (int i = j + 1; i < rank; i++) {
        double sum = gram[i * rank + j];
        for (int k = 0; k < j; k++) {
          sum -= lower[i * rank + k] * lower[j * rank + k];
        }
        lower[i * rank + j] = sum / pivot;
      }
    }
    return lower;
  }
}
