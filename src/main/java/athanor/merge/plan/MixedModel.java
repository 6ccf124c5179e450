package athanor.merge.plan;

import athanor.model.CheckpointModel;
import athanor.model.block.Block;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

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

  /** Whether the other is the same change and reaches a weight that this one reaches too. */
  public boolean meets(MixedModel other, StateDict base, CheckpointModel model) {
    return this.model.file().equals(other.model.file())
        && minus.map(PlannedModel::file).equals(other.minus.map(PlannedModel::file))
        && base.tensors().stream()
            .filter(tensor -> StoredPrecision.appliesTo(tensor, model))
            .anyMatch(tensor ->
                factor(tensor.key(), model) != 0 && other.factor(tensor.key(), model) != 0);
  }

  /**
   * The factors of the tensors of a base, by block, in the order of the blocks. Where tensors of
   * one block have several factors, because of filters, those that are left out are counted apart.
   */
  public List<BlockFactor> blockFactors(StateDict base, CheckpointModel model) {
    Map<Block, BlockFactor> blocks = new TreeMap<>();
    for (TensorInfo tensor : base.tensors()) {
      if (StoredPrecision.appliesTo(tensor, model)) {
        boolean text = model.componentOf(tensor.key()).isTextEncoder();
        Block block = model.blockOf(tensor.key());
        double factor = factor(tensor.key(), model);
        int out = factor == 0 ? 1 : 0;
        blocks.merge(
            block,
            new BlockFactor(block, text, factor, 1 - out, out),
            (one, other) ->
                new BlockFactor(
                    block,
                    one.textEncoder() && other.textEncoder(),
                    one.factor() == 0 ? other.factor() : one.factor(),
                    one.modules() + other.modules(),
                    one.leftOut() + other.leftOut()));
      }
    }
    return List.copyOf(blocks.values());
  }
}
