package athanor.merge.method.mix;

import athanor.delta.CombinedRows;
import athanor.delta.LoadedCombination;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code base + Σ ratio·(value − reference)}, element by element. Every array is multiplied once,
 * by all that it counts, and summed in float64: a model with coefficient 1 beside others with 0
 * comes out as it is, and a model mixed with itself too.
 */
final class LinearRows implements LoadedCombination {
  private final double[] ratios;
  private double[] sums = new double[0];

  LinearRows(double[] ratios) {
    this.ratios = ratios.clone();
  }

  private record Term(float[] values, double coefficient) {}

  @Override
  public void apply(CombinedRows rows) {
    List<Term> terms = terms(rows);
    int count = rows.count();
    if (terms.size() == 1) {
      scale(terms.getFirst(), rows.base(), count);
    } else if (terms.size() == 2) {
      add(terms.get(0), terms.get(1), rows.base(), count);
    } else if (terms.size() > 2) {
      sum(terms, rows.base(), count);
    }
  }

  /** The distinct arrays with what each counts; the base first, though it may count 0. */
  private List<Term> terms(CombinedRows rows) {
    List<float[]> arrays = new ArrayList<>(List.of(rows.base()));
    List<Double> coefficients = new ArrayList<>(List.of(1.0));
    for (int part = 0; part < ratios.length; part++) {
      count(rows.values().get(part), ratios[part], arrays, coefficients);
      count(rows.references().get(part), -ratios[part], arrays, coefficients);
    }
    List<Term> terms = new ArrayList<>();
    for (int i = 0; i < arrays.size(); i++) {
      if (i == 0 || coefficients.get(i) != 0) {
        terms.add(new Term(arrays.get(i), coefficients.get(i)));
      }
    }
    return terms;
  }

  private static void count(
      float[] values, double ratio, List<float[]> arrays, List<Double> coefficients) {
    for (int i = 0; i < arrays.size(); i++) {
      if (isSame(arrays.get(i), values)) {
        coefficients.set(i, coefficients.get(i) + ratio);
        return;
      }
    }
    arrays.add(values);
    coefficients.add(ratio);
  }

  @SuppressWarnings({"ReferenceEquality", "ArrayEquals"}) // whether it is the same array
  private static boolean isSame(float[] one, float[] other) {
    return one == other;
  }

  private static void scale(Term only, float[] target, int count) {
    double factor = only.coefficient();
    if (factor != 1) {
      for (int i = 0; i < count; i++) {
        target[i] = (float) (factor * target[i]);
      }
    }
  }

  private static void add(Term one, Term other, float[] target, int count) {
    double first = one.coefficient();
    double second = other.coefficient();
    float[] more = other.values();
    if (first == 0 && second == 1) {
      System.arraycopy(more, 0, target, 0, count);
      return;
    }
    for (int i = 0; i < count; i++) {
      target[i] = (float) (first * target[i] + second * more[i]);
    }
  }

  private void sum(List<Term> terms, float[] target, int count) {
    if (sums.length < count) {
      sums = new double[count];
    }
    double[] total = sums;
    double own = terms.getFirst().coefficient();
    for (int i = 0; i < count; i++) {
      total[i] = own * target[i];
    }
    for (Term term : terms.subList(1, terms.size())) {
      double factor = term.coefficient();
      float[] values = term.values();
      for (int i = 0; i < count; i++) {
        total[i] += factor * values[i];
      }
    }
    for (int i = 0; i < count; i++) {
      target[i] = (float) total[i];
    }
  }
}
