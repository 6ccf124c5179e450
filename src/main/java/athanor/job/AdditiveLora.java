package athanor.job;

import athanor.adapter.AdapterFile;
import athanor.adapter.AdapterMatch;
import athanor.adapter.ModuleMatch;
import athanor.adapter.ModuleOutcome;
import athanor.delta.Change;
import athanor.error.Problem;
import athanor.merge.lora.LoraRanks;
import athanor.merge.metadata.CheckpointMetadata;
import athanor.merge.metadata.MergedLoraMetadata;
import athanor.merge.method.LoraMethod;
import athanor.merge.plan.PlannedLora;
import athanor.merge.plan.Strength;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A LoRA of any format that adds the same to every checkpoint, in its places in a complete one:
 * what plain pairs are made of.
 */
final class AdditiveLora {
  private static final String ADAPTER_METADATA = "lora_adapter_metadata";
  private static final String NETWORK_ARGUMENTS = "ss_network_args";

  private AdditiveLora() {}

  /**
   * The LoRA with its modules in their places.
   *
   * @param warnings receives a guess, where the LoRA fits several architectures
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if a module has no place in the
   *     architecture or changes weights in a way that depends on them; of kind BAD_FILE if one is
   *     broken
   */
  static PlannedLora of(AdapterFile file, List<String> warnings) {
    AdapterMatch match = ReferenceTargets.of(file, warnings).match(file);
    match
        .refusal()
        .ifPresent(problem -> {
          throw problem.toException();
        });
    for (ModuleMatch module : match.modules()) {
      Optional<Problem> refusal =
          switch (module.outcome()) {
            case ModuleOutcome.Applied applied -> refusal(file, module.module().name(), applied);
            case ModuleOutcome.Repeated _ -> Optional.empty();
            case ModuleOutcome.Refused(Problem problem) -> Optional.of(problem);
            case ModuleOutcome.WithoutTarget(String reason, boolean _) ->
                Optional.of(
                    Problem.incompatible("a module has no place in this architecture")
                        .at(file.name() + ", " + module.module().name())
                        .found(reason));
          };
      if (refusal.isPresent()) {
        throw refusal.get().toException();
      }
    }
    return new PlannedLora(match, Strength.FULL);
  }

  private static Optional<Problem> refusal(
      AdapterFile file, String module, ModuleOutcome.Applied applied) {
    return applied.changes().stream().anyMatch(change -> change instanceof Change.Transform)
        ? Optional.of(
            Problem.incompatible("what this LoRA does depends on the weights of a checkpoint")
                .at(file.name() + ", " + module)
                .expected("changes that are the same for every checkpoint")
                .help(
                    "merge it into the checkpoint instead: athanor merge --base CHECKPOINT "
                        + file.name()
                        + " --out merged.safetensors"))
        : Optional.empty();
  }

  /** The metadata of the LoRA for the pairs that were made of it. */
  static Map<String, String> metadata(PlannedLora lora, LoraMethod.Planned pairs) {
    Map<String, String> metadata =
        new LinkedHashMap<>(CheckpointMetadata.inherited(lora.match().file().source().metadata()));
    metadata.remove(ADAPTER_METADATA);
    metadata.remove(NETWORK_ARGUMENTS);
    var architecture = ReferenceTargets.of(lora.match().file(), new ArrayList<>()).architecture();
    metadata.putAll(
        new MergedLoraMetadata(architecture, List.of(lora)).network(LoraRanks.of(pairs.modules())));
    return metadata;
  }

  /** What pairs cannot hold and is left out, in a sentence; empty if there is nothing. */
  static Optional<String> leftOut(AdapterFile file) {
    List<String> others = file.otherKeys();
    return others.isEmpty()
        ? Optional.empty()
        : Optional.of(
            others.size()
                + " tensors that change no weights are left out ("
                + others.getFirst()
                + ")");
  }
}
