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
 * Adds a difference where A does not have it yet: {@code A + 1.8·M·(B − C)·|B − A| / (|B − A| + |B
 * − C|)}, 0 where both distances are 0. What A has in common with B already is not added a second
 * time. SuperMerger's calculation mode "trainDifference"; several differences each see A as it was.
 */
public record TrainDifference() implements MixMethod {
  private static final double GAIN = 1.8;

  static final MethodDescription<MixMethod> DESCRIPTION =
      new MethodDescription<>(
          "train-difference",
          Set.of("traindifference"),
          "train-difference (where the base lacks it)",
          List.of(),
          "nothing",
          settings -> {},
          settings -> new TrainDifference(),
          rank -> new TrainDifference());

  @Override
  public MethodDescription<MixMethod> description() {
    return DESCRIPTION;
  }

  @Override
  public Optional<Problem> refusal(List<Kind> contributions) {
    return Refusals.unlessDifferences("train-difference", contributions);
  }

  @Override
  public Combination combination(String key) {
    return (shape, ratios, kernels) -> (LoadedCombination) rows -> add(rows, ratios);
  }

  private static void add(CombinedRows rows, double[] ratios) {
    float[] base = rows.base();
    for (int i = 0; i < rows.count(); i++) {
      double value = base[i];
      double sum = value;
      for (int part = 0; part < ratios.length; part++) {
        double change = rows.change(part, i);
        double fromBase = Math.abs(rows.values().get(part)[i] - value);
        double all = fromBase + Math.abs(change);
        if (all != 0) {
          sum += GAIN * ratios[part] * change * fromBase / all;
        }
      }
      base[i] = (float) sum;
    }
  }
}
