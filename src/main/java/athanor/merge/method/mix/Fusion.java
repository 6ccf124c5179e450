package athanor.merge.method.mix;

import athanor.delta.CombinedRows;
import athanor.delta.LoadedCombination;
import java.util.Arrays;

/**
 * Adds sparsified changes to the base, value by value: those whose sign is the elected one, each
 * times its ratio, divided as asked. In float64 from the changes on, which are float32.
 */
final class Fusion implements LoadedCombination {
  private final double[] ratios;
  private final Sparsifier sparsifier;
  private final SignElection election;
  private final Normalization normalization;
  private final float[][] changes;
  private double[] votes = new double[0];
  private double[] sums = new double[0];
  private double[] divisors = new double[0];

  Fusion(
      double[] ratios, Sparsifier sparsifier, SignElection election, Normalization normalization) {
    this.ratios = ratios.clone();
    this.sparsifier = sparsifier;
    this.election = election;
    this.normalization = normalization;
    this.changes = new float[ratios.length][0];
  }

  @Override
  public void look(int pass, CombinedRows rows) {
    sparsifier.look(pass, rows);
  }

  @Override
  public void apply(CombinedRows rows) {
    int count = rows.count();
    grow(count);
    for (int part = 0; part < ratios.length; part++) {
      subtract(rows.values().get(part), rows.references().get(part), changes[part], count);
      sparsifier.sparsify(part, rows, changes[part]);
    }
    Arrays.fill(votes, 0, count, 0);
    for (int part = 0; part < ratios.length && election != SignElection.NONE; part++) {
      vote(ratios[part], changes[part], count);
    }
    Arrays.fill(sums, 0, count, 0);
    Arrays.fill(divisors, 0, count, 0);
    for (int part = 0; part < ratios.length; part++) {
      take(ratios[part], changes[part], count);
    }
    addTo(rows.base(), count);
  }

  private void grow(int count) {
    if (votes.length < count) {
      votes = new double[count];
      sums = new double[count];
      divisors = new double[count];
      for (int part = 0; part < ratios.length; part++) {
        changes[part] = new float[count];
      }
    }
  }

  private static void subtract(float[] values, float[] reference, float[] target, int count) {
    for (int i = 0; i < count; i++) {
      target[i] = values[i] - reference[i];
    }
  }

  private void vote(double ratio, float[] change, int count) {
    boolean total = election == SignElection.TOTAL;
    for (int i = 0; i < count; i++) {
      double own = ratio * change[i];
      votes[i] += total ? own : Math.signum(own);
    }
  }

  /**
   * Adds the changes that agree with the votes, and what they count. Whether one does is as good as
   * random, so it is computed with masks of bits: branches would be guessed wrongly half of the
   * time.
   */
  private void take(double ratio, float[] change, int count) {
    double counted = normalization == Normalization.COUNT ? 1 : ratio;
    long countedBits = Double.doubleToRawLongBits(counted);
    long all = election == SignElection.NONE ? -1L : 0;
    for (int i = 0; i < count; i++) {
      long own = Double.doubleToRawLongBits(ratio * change[i]);
      long size = own << 1;
      long isNotZero = (size | -size) >> 63;
      long differs = (own ^ Double.doubleToRawLongBits(votes[i])) >> 63;
      long taken = all | (isNotZero & ~differs);
      sums[i] += Double.longBitsToDouble(own & taken);
      divisors[i] += Double.longBitsToDouble(countedBits & taken);
    }
  }

  private void addTo(float[] base, int count) {
    boolean divided = normalization != Normalization.NONE;
    for (int i = 0; i < count; i++) {
      double change = divided && divisors[i] != 0 ? sums[i] / divisors[i] : sums[i];
      base[i] = (float) (base[i] + change);
    }
  }
}
