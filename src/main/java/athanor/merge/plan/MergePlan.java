package athanor.merge.plan;

import athanor.adapter.PlacedModule;
import athanor.delta.Change;
import athanor.delta.Change.Operand;
import athanor.error.Problem;
import athanor.model.CheckpointModel;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What a merge into a checkpoint will do, decided before anything is written: a value that can be
 * printed, tested and shown.
 *
 * @param base the open checkpoint
 * @param model what it is
 * @param mix the checkpoints that are combined with it
 * @param loras the LoRAs that are merged, in order
 * @param tensors the fate of each tensor, in the order of the result
 */
public record MergePlan(
    StateDict base,
    CheckpointModel model,
    PlannedMix mix,
    List<PlannedLora> loras,
    List<TensorPlan> tensors) {

  /** Copies the lists. */
  public MergePlan {
    loras = List.copyOf(loras);
    tensors = List.copyOf(tensors);
  }

  /**
   * Plans a merge: the layout and the keys of the base stay, and so do its types unless the options
   * ask for another. With a wanted type, the weights of the unet, the text encoders and the vae are
   * converted; schedules, EMA weights, position ids and markers keep theirs.
   *
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if a LoRA changes a tensor whose
   *     type no arithmetic is defined for
   */
  public static MergePlan of(
      StateDict base, CheckpointModel model, List<PlannedLora> loras, MergeOptions options) {
    return of(base, model, PlannedMix.none(), loras, options, PlannedEdits.none());
  }

  /**
   * Plans a merge into an edited checkpoint: as {@link #of(StateDict, CheckpointModel, List,
   * MergeOptions)}, with the tensors, the order and the types that the edits give it. Checkpoints
   * are combined first, and the LoRAs go on top of what comes of that.
   *
   * @throws athanor.error.AthanorException as there; if a checkpoint has a tensor of another shape
   */
  public static MergePlan of(
      StateDict base,
      CheckpointModel model,
      PlannedMix mix,
      List<PlannedLora> loras,
      MergeOptions options,
      PlannedEdits edits) {
    Map<String, List<OfLora>> byKey = changesByKey(loras);
    if (edits.average() == AverageFate.MERGED_TOO) {
      addAverages(byKey, model);
    }
    List<TensorPlan> plans = new ArrayList<>();
    for (PlannedEdits.Edited edited : edits.apply(base, model)) {
      TensorInfo tensor = edited.tensor();
      List<Change> changes = new ArrayList<>();
      if (edited.source() instanceof TensorSource.Stored(StateDict file, TensorInfo stored)
          && file.equals(base)) {
        List<Change.Part> parts = mix.parts(base, model, stored);
        if (!parts.isEmpty()) {
          changes.add(mix.combine(stored, parts));
        }
      }
      changes.addAll(ofLoras(tensor, byKey.getOrDefault(tensor.key(), List.of()), mix));
      if (!changes.isEmpty() && !tensor.dtype().isArithmetic()) {
        throw notArithmetic(base, tensor).toException();
      }
      plans.add(new TensorPlan(edited.source(), output(tensor, model, options), changes));
    }
    return new MergePlan(base, model, mix, loras, plans);
  }

  /** What a LoRA changes. */
  private record OfLora(int lora, Change change) {}

  /** What LoRAs do to a tensor: one after the other, or combined. */
  private static List<Change> ofLoras(TensorInfo tensor, List<OfLora> all, PlannedMix mix) {
    List<Change> changes = all.stream().map(OfLora::change).toList();
    if (!mix.combinesLoras() || changes.isEmpty()) {
      return changes;
    }
    Map<Integer, List<Change.Add>> byLora = new TreeMap<>();
    for (OfLora one : all) {
      if (!(one.change() instanceof Change.Add add)) {
        return changes;
      }
      byLora.computeIfAbsent(one.lora(), lora -> new ArrayList<>()).add(add);
    }
    List<Change.Part> parts = new ArrayList<>();
    byLora.forEach((lora, adds) ->
        parts.add(new Change.Part(lora, new Operand.Sum(adds), new Operand.Nothing(), 1)));
    return List.of(mix.combine(tensor, parts));
  }

  /** What the LoRAs change, in their order, by the tensor's key. */
  private static Map<String, List<OfLora>> changesByKey(List<PlannedLora> loras) {
    Map<String, List<OfLora>> byKey = new HashMap<>();
    for (int i = 0; i < loras.size(); i++) {
      PlannedLora lora = loras.get(i);
      DeltaWeights weights = lora.deltaWeights();
      for (PlacedModule module : lora.match().placed()) {
        double factor = weights.factor(module);
        for (Change change : module.changes()) {
          Change weighted = change.times(factor);
          if (!weighted.changesNothing()) {
            byKey
                .computeIfAbsent(change.rows().key(), key -> new ArrayList<>())
                .add(new OfLora(i, weighted));
          }
        }
      }
    }
    return byKey;
  }

  /** The average of a weight changes as the weight does. */
  private static void addAverages(Map<String, List<OfLora>> byKey, CheckpointModel model) {
    for (TensorInfo tensor : model.tensors()) {
      List<OfLora> changes = byKey.get(tensor.key());
      if (changes != null) {
        model.averageOf(tensor).ifPresent(average -> byKey.put(average.key(), changes));
      }
    }
  }

  private static Problem notArithmetic(StateDict base, TensorInfo tensor) {
    return Problem.incompatible("a LoRA changes a tensor of a type that cannot be merged")
        .at(base.name() + ", " + tensor.key())
        .found("type " + tensor.dtype())
        .expected("F32, F16, BF16, F64, F8_E4M3 or F8_E5M2")
        .help("use an fp16 or fp32 version of this checkpoint");
  }

  private static TensorInfo output(TensorInfo tensor, CheckpointModel model, MergeOptions options) {
    return options.savePrecision().isPresent() && StoredPrecision.appliesTo(tensor, model)
        ? tensor.withDType(options.savePrecision().get().dtype())
        : tensor;
  }

  /** The tensors of the output, in order. */
  public List<TensorInfo> outputs() {
    return tensors.stream().map(TensorPlan::output).toList();
  }

  /** Number of tensors that are combined with others, or that LoRAs change. */
  public int merged() {
    return (int) tensors.stream().filter(plan -> !plan.changes().isEmpty()).count();
  }

  /** Number of tensors that are stored as another type. */
  public int converted() {
    return (int) tensors.stream().filter(TensorPlan::isConverted).count();
  }

  /**
   * Number of tensors to which a checkpoint contributes.
   *
   * @param contribution its number among those of {@link #mix}
   */
  public int combined(int contribution) {
    return (int)
        tensors.stream()
            .flatMap(plan -> plan.changes().stream())
            .filter(change ->
                change instanceof Change.Combine combine
                    && combine.parts().stream()
                        .anyMatch(part -> part.contribution() == contribution))
            .count();
  }

  /** Number of tensors of the base that a checkpoint could contribute to. */
  public int combinable() {
    return mix.combinable(base, model);
  }

  /** The files of the base and of all checkpoints that are combined with it. */
  public Stream<StateDict> checkpoints() {
    return Stream.concat(
        Stream.of(base),
        mix.models().stream()
            .flatMap(mixed -> Stream.concat(Stream.of(mixed.model()), mixed.minus().stream()))
            .map(PlannedModel::file));
  }
}
