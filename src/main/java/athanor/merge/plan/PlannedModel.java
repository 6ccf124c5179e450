package athanor.merge.plan;

import athanor.model.CheckpointModel;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Another checkpoint of a merge, of the base's architecture. Immutable and thread-safe.
 *
 * @param file the open file
 * @param model what it is
 * @param byCommonKey its tensors by {@link CheckpointModel#commonKey}
 */
public record PlannedModel(
    StateDict file, CheckpointModel model, Map<String, TensorInfo> byCommonKey) {

  /** Copies the map. */
  public PlannedModel {
    byCommonKey = Map.copyOf(byCommonKey);
  }

  /** A checkpoint that has been recognised. */
  public static PlannedModel of(StateDict file, CheckpointModel model) {
    Map<String, TensorInfo> tensors = HashMap.newHashMap(file.tensors().size());
    file.tensors().forEach(tensor -> tensors.put(model.commonKey(tensor.key()), tensor));
    return new PlannedModel(file, model, tensors);
  }

  /**
   * The same weight in this checkpoint, if it has it and it is a number that can be combined.
   *
   * @param commonKey of the weight
   */
  public Optional<TensorInfo> find(String commonKey) {
    return Optional.ofNullable(byCommonKey.get(commonKey))
        .filter(tensor -> tensor.dtype().isArithmetic());
  }
}
