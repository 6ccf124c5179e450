package athanor.merge.method.mix;

import athanor.delta.Combination;
import athanor.error.Problem;
import athanor.merge.method.MethodDescription;
import athanor.merge.method.MixMethod;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Cosine similarity, B: as {@link CosineA}, but s is the mean of the cosine between the columns and
 * the cosine between the two weights as a whole. SuperMerger's calculation mode "cosineB", whose
 * scale over all weights of the model is left out, as in sd-mecha's "add_cosine_b".
 */
public record CosineB() implements MixMethod {
  static final MethodDescription<MixMethod> DESCRIPTION =
      new MethodDescription<>(
          "cosine-b",
          Set.of("cosineb"),
          "cosine-b (by column and whole)",
          List.of(),
          "nothing",
          settings -> {},
          settings -> new CosineB(),
          rank -> new CosineB());

  @Override
  public MethodDescription<MixMethod> description() {
    return DESCRIPTION;
  }

  @Override
  public Optional<Problem> refusal(List<Kind> contributions) {
    return Refusals.unlessModels("cosine-b", 1, 1, contributions);
  }

  @Override
  public Combination combination(String key) {
    return new SimilarColumns(true);
  }
}
