package athanor.analysis;

import java.util.Arrays;

/**
 * How the energy of a matrix is spread over its directions: the squares of its singular values.
 *
 * @param energies descending, none negative
 */
@SuppressWarnings("ArrayRecordComponent") // never handed out for writing
public record Spectrum(double[] energies) {

  /** The sum: the squared Frobenius norm. */
  public double total() {
    return Arrays.stream(energies).sum();
  }

  /** The energy of the best approximation of a rank. */
  public double kept(int rank) {
    return Arrays.stream(energies, 0, Math.min(Math.max(rank, 0), energies.length)).sum();
  }

  /**
   * How many directions carry the energy: the exponential of its entropy, from 1 (all in one) to
   * the rank (all alike); 0 where there is none (Roy and Vetterli, "The effective rank", 2007).
   */
  public double effectiveRank() {
    double total = total();
    if (total == 0) {
      return 0;
    }
    double entropy = 0;
    for (double energy : energies) {
      double share = energy / total;
      entropy -= share > 0 ? share * Math.log(share) : 0;
    }
    return Math.exp(entropy);
  }

  /** The share of the strongest direction; 0 where there is no energy. */
  public double strongest() {
    double total = total();
    return total == 0 ? 0 : energies[0] / total;
  }
}
