package athanor.merge.method.mix;

import athanor.delta.Combination;
import athanor.merge.method.MethodDescription;
import athanor.merge.method.MixMethod;
import java.util.List;
import java.util.Set;

/**
 * The weighted sum and the added difference: {@code A + Σ rᵢ·(Bᵢ − A) + Σ rⱼ·(Bⱼ − Cⱼ) + Σ rₖ·ΔWₖ}.
 * With checkpoints alone that is {@code (1 − Σ rᵢ)·A + Σ rᵢ·Bᵢ}, where ratios may be negative or
 * above 1, and A1111's "Add difference"; with LoRAs alone, every weight plus all that its LoRAs
 * add. It has no parameters: what there is to choose is in the strength of each contribution.
 */
public record Sum() implements MixMethod {
  static final MethodDescription<MixMethod> DESCRIPTION =
      new MethodDescription<>(
          "sum",
          Set.of("weighted-sum", "add-difference", "triple-sum", "linear"),
          "sum (weighted sum, added differences)",
          List.of(),
          "nothing",
          settings -> {},
          settings -> new Sum(),
          rank -> new Sum());

  @Override
  public MethodDescription<MixMethod> description() {
    return DESCRIPTION;
  }

  @Override
  public Combination combination(String key) {
    return (shape, ratios, kernels) -> new LinearRows(ratios);
  }
}
