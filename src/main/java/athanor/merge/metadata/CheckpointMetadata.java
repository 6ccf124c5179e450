package athanor.merge.metadata;

import athanor.merge.plan.MergePlan;
import athanor.merge.plan.PlannedLora;
import athanor.model.Architecture;
import athanor.model.CheckpointModel;
import athanor.model.Trait;
import athanor.tensor.StateDict;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The text metadata of a merged checkpoint: what the base had, less the hashes and the recipe that
 * no longer hold, plus the entries of Stability AI's model specification 1.0.1 under the names and
 * with the values that kohya's scripts write, and the recipe.
 */
public final class CheckpointMetadata {
  private CheckpointMetadata() {}

  /** What the base had, less stale hashes and its recipe: all that {@code --no_metadata} leaves. */
  public static Map<String, String> inherited(Map<String, String> base) {
    Map<String, String> kept = new LinkedHashMap<>(base);
    kept.keySet().removeAll(MetadataKeys.HASHES);
    kept.remove(MetadataKeys.RECIPE);
    return kept;
  }

  /**
   * The whole metadata.
   *
   * @param plan the merge
   * @param output where the result goes
   * @param recipe how it was made, a JSON object
   * @param stamp its date and title
   */
  public static Map<String, String> of(MergePlan plan, Path output, String recipe, Stamp stamp) {
    Map<String, String> base = plan.base().metadata();
    Map<String, String> result = inherited(base);
    Architecture architecture = plan.model().architecture();
    result.putIfAbsent("format", "pt");
    result.putAll(
        new Modelspec(
                architecture.modelspecArchitecture(),
                architecture.modelspecImplementation(),
                stamp.titleOf(output),
                stamp.dateOf(inputs(plan)),
                Optional.ofNullable(base.get("modelspec.resolution"))
                    .or(architecture::modelspecResolution),
                predictionType(plan.model(), base),
                mergedFrom(plan))
            .entries());
    result.put(MetadataKeys.RECIPE, recipe);
    return result;
  }

  /**
   * What the file itself says, by its metadata or by marker tensors; SD 2.x alone cannot be told.
   */
  private static Optional<String> predictionType(CheckpointModel model, Map<String, String> base) {
    String known = base.get("modelspec.prediction_type");
    if (known != null) {
      return Optional.of(known);
    }
    if (model.has(Trait.V_PREDICTION)) {
      return Optional.of("v");
    }
    boolean unknown = !model.architecture().facts().predictsNoise() || model.has(Trait.EDM);
    return unknown ? Optional.empty() : Optional.of("epsilon");
  }

  private static Stream<Map<String, String>> inputs(MergePlan plan) {
    return Stream.concat(
        plan.checkpoints().map(StateDict::metadata),
        plan.loras().stream().map(lora -> lora.match().file().source().metadata()));
  }

  private static List<String> mergedFrom(MergePlan plan) {
    List<String> titles = new ArrayList<>();
    plan.checkpoints().forEach(file -> titles.add(Modelspec.titleOf(file.metadata(), file.name())));
    plan.loras().stream()
        .filter(PlannedLora::isEffective)
        .map(lora -> lora.match().file())
        .forEach(file -> titles.add(Modelspec.titleOf(file.source().metadata(), file.name())));
    return titles.stream().distinct().toList();
  }
}
