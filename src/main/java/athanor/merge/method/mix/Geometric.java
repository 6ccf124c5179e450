package athanor.merge.method.mix;

import athanor.delta.Combination;
import athanor.delta.CombinedRows;
import athanor.delta.LoadedCombination;
import athanor.error.Problem;
import athanor.merge.method.MethodDescription;
import athanor.merge.method.MixMethod;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The weighted geometric mean: the real part of {@code Π xᵢ^wᵢ} over all models, where A has the
 * weight that is left of 1. Of values with one sign that is {@code ± Π |xᵢ|^wᵢ}; negative values
 * among positive ones turn it: {@code Π |xᵢ|^wᵢ · cos(π · Σ w of the negative)}. sd-mecha's method
 * "geometric_sum", for any number of models.
 */
public record Geometric() implements MixMethod {
  static final MethodDescription<MixMethod> DESCRIPTION =
      new MethodDescription<>(
          "geometric",
          Set.of("geometric-sum"),
          "geometric (weighted geometric mean)",
          List.of(),
          "nothing",
          settings -> {},
          settings -> new Geometric(),
          rank -> new Geometric());

  @Override
  public MethodDescription<MixMethod> description() {
    return DESCRIPTION;
  }

  @Override
  public Optional<Problem> refusal(List<Kind> contributions) {
    return Refusals.unlessModels("geometric", 1, Integer.MAX_VALUE, contributions);
  }

  @Override
  public Combination combination(String key) {
    return (shape, ratios, kernels) -> (LoadedCombination) rows -> multiply(rows, ratios);
  }

  private static void multiply(CombinedRows rows, double[] ratios) {
    float[] base = rows.base();
    double rest = 1;
    for (double ratio : ratios) {
      rest -= ratio;
    }
    for (int i = 0; i < rows.count(); i++) {
      double product = power(base[i], rest);
      double negative = base[i] < 0 ? rest : 0;
      boolean same = true;
      for (int part = 0; part < ratios.length; part++) {
        float value = rows.values().get(part)[i];
        product *= power(value, ratios[part]);
        negative += value < 0 ? ratios[part] : 0;
        same &= value == base[i];
      }
      if (!same) {
        base[i] = (float) (product * turned(negative));
      }
    }
  }

  private static double power(double value, double weight) {
    return weight == 0 ? 1 : Math.pow(Math.abs(value), weight);
  }

  private static double turned(double negative) {
    return negative == 0 ? 1 : negative == 1 ? -1 : Math.cos(Math.PI * negative);
  }
}
