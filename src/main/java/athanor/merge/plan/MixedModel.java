package athanor.merge.plan;

import athanor.model.CheckpointModel;
import java.util.Optional;

/**
 * A checkpoint that is combined with the base.
 *
 * @param model the checkpoint
 * @param minus what its weights are a change from; empty for the base
 * @param strength as the user asked for it
 * @param weights the factors that follow
 */
public record MixedModel(
    PlannedModel model, Optional<PlannedModel> minus, Strength strength, DeltaWeights weights) {

  /** A checkpoint with the factors that its strength gives. */
  public MixedModel(PlannedModel model, Optional<PlannedModel> minus, Strength strength) {
    this(model, minus, strength, DeltaWeights.of(strength));
  }

  /** The factor of a tensor of the base. */
  double factor(String key, CheckpointModel base) {
    return weights.factor(key, base);
  }

  /** What to call it: {@code B.safetensors}, or {@code B.safetensors − C.safetensors}. */
  public String name() {
    return model.file().name() + minus.map(other -> " − " + other.file().name()).orElse("");
  }
}
