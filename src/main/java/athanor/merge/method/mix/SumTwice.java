package athanor.merge.method.mix;

import athanor.delta.Combination;
import athanor.error.Problem;
import athanor.merge.method.MethodDescription;
import athanor.merge.method.MixMethod;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * One weighted sum after the other: {@code ((1 − α)·A + α·B)·(1 − β) + β·C}, and so on for more
 * checkpoints. Unlike in a {@link Sum}, each takes its share of all that is there before it.
 * SuperMerger's mode "sum Twice", with one rounding instead of two.
 */
public record SumTwice() implements MixMethod {
  static final MethodDescription<MixMethod> DESCRIPTION =
      new MethodDescription<>(
          "sum-twice",
          Set.of(),
          "sum-twice (one sum after the other)",
          List.of(),
          "nothing",
          settings -> {},
          settings -> new SumTwice(),
          rank -> new SumTwice());

  @Override
  public MethodDescription<MixMethod> description() {
    return DESCRIPTION;
  }

  @Override
  public Optional<Problem> refusal(List<Kind> contributions) {
    return Refusals.unlessModels("sum-twice", 1, Integer.MAX_VALUE, contributions);
  }

  @Override
  public Combination combination(String key) {
    return (shape, ratios, kernels) -> new LinearRows(shares(ratios));
  }

  /** The share of each in the end: its ratio, less what the later ones take of it. */
  private static double[] shares(double[] ratios) {
    double[] shares = new double[ratios.length];
    double rest = 1;
    for (int i = ratios.length - 1; i >= 0; i--) {
      shares[i] = ratios[i] * rest;
      rest *= 1 - ratios[i];
    }
    return shares;
  }
}
