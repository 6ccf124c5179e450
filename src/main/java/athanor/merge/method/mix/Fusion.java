package athanor.merge.method.mix;

import athanor.delta.CombinedRows;
import athanor.delta.LoadedCombination;

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

  Fusion(
      double[] ratios,
      Sparsifier sparsifier,
      SignElection election,
      Normalization normalization) {
    this.ratios = ratios.clone();
    this.sparsifier = sparsifier;
    this.election = election;
    this.normalization = normalization;
    this.changes = new float[ratios.length][0];
  }

  /** Bytes of heap for rows of so many values. */
  static long bytes(long values, int parts) {
    return Float.BYTES * values * parts;
  }

  @Override
  public void look(int pass, CombinedRows rows) {
    sparsifier.look(pass, rows);
  }

  @Override
  public void apply(CombinedRows rows) {
    for (int part = 0; part < ratios.length; part++) {
      if (changes[part].length < rows.count()) {
        changes[part] = new float[rows.count()];
      }
      for (int i = 0; i < rows.count(); i++) {
        changes[part][i] = (float) rows.change(part, i);
      }
      sparsifier.sparsify(part, rows, changes[part]);
    }
    float[] base = rows.base();
    for (int i = 0; i < rows.count(); i++) {
      base[i] = (float) (base[i] + fused(i));
    }
  }

  private double fused(int at) {
    boolean positive = election != SignElection.NONE && elected(at) >= 0;
    double sum = 0;
    double weights = 0;
    int taken = 0;
    for (int part = 0; part < ratios.length; part++) {
      double change = ratios[part] * changes[part][at];
      boolean agrees = election == SignElection.NONE || change != 0 && change > 0 == positive;
      if (agrees) {
        sum += change;
        weights += ratios[part];
        taken++;
      }
    }
    return switch (normalization) {
      case COUNT -> taken == 0 ? 0 : sum / taken;
      case WEIGHTS -> weights == 0 ? sum : sum / weights;
      case NONE -> sum;
    };
  }

  private double elected(int at) {
    double votes = 0;
    for (int part = 0; part < ratios.length; part++) {
      double change = ratios[part] * changes[part][at];
      votes += election == SignElection.TOTAL ? change : Math.signum(change);
    }
    return votes;
  }
}
