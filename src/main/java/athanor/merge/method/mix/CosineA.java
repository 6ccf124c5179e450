package athanor.merge.method.mix;

import athanor.delta.Combination;
import athanor.error.Problem;
import athanor.merge.method.MethodDescription;
import athanor.merge.method.MixMethod;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Cosine similarity, A: goes the farther from A to B, the less alike the two are. {@code (1 − k)·A
 * + k·B} with {@code k = 1 − clip(s − M, 0, 1)}, where s is the cosine between a column of A and
 * that of B: over all outputs of one input. SuperMerger's calculation mode "cosineA", whose scale
 * over all weights of the model is left out, as in sd-mecha's "add_cosine_a".
 */
public record CosineA() implements MixMethod {
  static final MethodDescription<MixMethod> DESCRIPTION =
      new MethodDescription<>(
          "cosine-a",
          Set.of("cosinea"),
          "cosine-a (by column)",
          List.of(),
          "nothing",
          settings -> {},
          settings -> new CosineA(),
          rank -> new CosineA());

  @Override
  public MethodDescription<MixMethod> description() {
    return DESCRIPTION;
  }

  @Override
  public Optional<Problem> refusal(List<Kind> contributions) {
    return Refusals.unlessModels("cosine-a", 1, 1, contributions);
  }

  @Override
  public Combination combination(String key) {
    return new SimilarColumns(false);
  }
}
