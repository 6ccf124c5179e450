package athanor.analysis;

import athanor.kernel.Kernels;

/** Two pairs of factors of the same weight, and what they have in common. */
final class FactorPair {
  private final Factors one;
  private final Factors other;
  private final boolean same;
  private final float[] ups;
  private final float[] downs;

  /** Two pairs; {@code same} says that they are one and the same. */
  FactorPair(Factors one, Factors other, boolean same, Kernels kernels) {
    this.one = one;
    this.other = other;
    this.same = same;
    ups =
        same
            ? one.ofUp()
            : Factors.products(kernels, one.upTurned(), one.rank(), other.up(), other.rank());
    downs =
        same
            ? one.ofDown()
            : Factors.products(kernels, one.down(), one.rank(), other.downTurned(), other.rank());
  }

  /** ⟨U₁D₁, U₂D₂⟩, scales left out: the sum of the elements of U₁ᵀU₂ times those of D₁D₂ᵀ. */
  double product() {
    double sum = 0;
    for (int i = 0; i < ups.length; i++) {
      sum += (double) ups[i] * downs[i];
    }
    return same ? Math.max(0, sum) : sum;
  }

  /** How far the two read and write the same. */
  Overlap overlap(int place, int otherPlace) {
    double least = Math.min(one.rank(), other.rank());
    double most = Math.max(one.rank(), other.rank());
    return new Overlap(
        place,
        otherPlace,
        coincidence(one.ofDown(), downs, other.ofDown()) / least,
        coincidence(one.ofUp(), ups, other.ofUp()) / least,
        Math.min(1, most * one.rank() / one.down().length),
        Math.min(1, most * one.rank() / one.up().length));
  }

  /** ‖L₁⁻¹·cross·L₂⁻ᵀ‖² = ‖Q₁ᵀQ₂‖², where own = L₁L₁ᵀ and theirs = L₂L₂ᵀ. */
  private double coincidence(float[] own, float[] cross, float[] theirs) {
    int rank = one.rank();
    int otherRank = other.rank();
    double[] solved = new double[cross.length];
    for (int i = 0; i < cross.length; i++) {
      solved[i] = cross[i];
    }
    double[] lower = Factors.cholesky(own, rank);
    double[] otherLower = Factors.cholesky(theirs, otherRank);
    for (int i = 0; i < rank; i++) {
      for (int k = 0; k < i; k++) {
        for (int j = 0; j < otherRank; j++) {
          solved[i * otherRank + j] -= lower[i * rank + k] * solved[k * otherRank + j];
        }
      }
      divide(solved, i * otherRank, 1, otherRank, lower[i * rank + i]);
    }
    double sum = 0;
    for (int j = 0; j < otherRank; j++) {
      for (int k = 0; k < j; k++) {
        for (int i = 0; i < rank; i++) {
          solved[i * otherRank + j] -= otherLower[j * otherRank + k] * solved[i * otherRank + k];
        }
      }
      divide(solved, j, otherRank, rank, otherLower[j * otherRank + j]);
      for (int i = 0; i < rank; i++) {
        sum += solved[i * otherRank + j] * solved[i * otherRank + j];
      }
    }
    return sum;
  }

  /** Divides; where the pivot vanished, the direction is no new one and counts for nothing. */
  private static void divide(double[] values, int from, int step, int count, double pivot) {
    for (int i = 0; i < count; i++) {
      values[from + i * step] = pivot == 0 ? 0 : values[from + i * step] / pivot;
    }
  }
}
