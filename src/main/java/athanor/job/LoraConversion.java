package athanor.job;

import athanor.adapter.AdapterFile;
import athanor.adapter.AdapterMatch;
import athanor.adapter.ModuleMatch;
import athanor.adapter.ModuleOutcome;
import athanor.delta.Change;
import athanor.error.Problem;
import athanor.file.OutputTarget;
import athanor.merge.lora.LoraFormat;
import athanor.merge.lora.LoraRanks;
import athanor.merge.lora.LosslessType;
import athanor.merge.lora.sum.LoraSum;
import athanor.merge.lora.writing.LoraWriter;
import athanor.merge.metadata.CheckpointMetadata;
import athanor.merge.metadata.MergedLoraMetadata;
import athanor.merge.method.LoraContributions;
import athanor.merge.method.LoraMethod;
import athanor.merge.method.PlainPairs;
import athanor.merge.method.RankLimits;
import athanor.merge.plan.PlannedLora;
import athanor.merge.plan.Strength;
import athanor.tensor.DType;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The conversion of a LoRA of any additive format, such as LoHa or LoKr, into plain low-rank pairs.
 *
 * @param source the open file
 * @param options what is wanted; its limits are there
 * @param measuring with what values are measured
 */
record LoraConversion(
    StateDict source, ConvertOptions options, LoraContributions.Measuring measuring) {
  private static final String ADAPTER_METADATA = "lora_adapter_metadata";
  private static final String NETWORK_ARGUMENTS = "ss_network_args";

  /**
   * Writes the pairs.
   *
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if a module has no place in the
   *     architecture or changes weights in a way that depends on them; otherwise as {@link
   *     PlainPairs#of} and {@link LoraWriter#write}
   */
  ConvertRun.Counts write(OutputTarget target, List<String> warnings) {
    PlannedLora lora = planned(warnings);
    LoraMethod.Planned pairs = pairs(lora, limits());
    List<String> others = lora.match().file().otherKeys();
    if (!others.isEmpty()) {
      warnings.add(
          others.size()
              + " tensors that change no weights are left out ("
              + others.getFirst()
              + ")");
    }
    LoraWriter.Written written =
        new LoraWriter(
                measuring.kernels(),
                measuring.threads(),
                measuring.progress(),
                measuring.cancellation())
            .write(
                target,
                pairs.modules(),
                metadata(lora, pairs),
                source.files(),
                options.allowNonFinite());
    int tensors = pairs.modules().stream().mapToInt(module -> module.tensors().size()).sum();
    return new ConvertRun.Counts(
        written.bytes(), tensors, tensors, others.size(), pairs.approximation());
  }

  /**
   * Judges the file by its structure alone; reads no values.
   *
   * @return about the bytes that the result takes
   * @throws athanor.error.AthanorException as {@link #write}, as far as the structure tells
   */
  long judge() {
    PlannedLora lora = planned(new ArrayList<>());
    if (limits().keep().isPresent()) {
      LoraSum.of(List.of(lora), format());
      return source.tensors().stream().mapToLong(TensorInfo::byteSize).sum();
    }
    return pairs(lora, limits()).modules().stream().mapToLong(module -> module.bytes()).sum();
  }

  private LoraFormat format() {
    return options.format().orElse(LoraFormat.KOHYA);
  }

  private RankLimits limits() {
    return options.asLora().orElseThrow();
  }

  private LoraMethod.Planned pairs(PlannedLora lora, RankLimits limits) {
    DType dtype = options.savePrecision().orElseGet(() -> LosslessType.ofFactors(List.of(lora)));
    return PlainPairs.of(
        LoraSum.of(List.of(lora), format()),
        limits,
        format(),
        dtype,
        measuring);
  }

  private PlannedLora planned(List<String> warnings) {
    AdapterFile file = AdapterFile.of(source);
    AdapterMatch match = ReferenceTargets.of(file, warnings).match(file);
    match
        .refusal()
        .ifPresent(problem -> {
          throw problem.toException();
        });
    for (ModuleMatch module : match.modules()) {
      Optional<Problem> refusal =
          switch (module.outcome()) {
            case ModuleOutcome.Applied applied -> refusal(module.module().name(), applied);
            case ModuleOutcome.Repeated _ -> Optional.empty();
            case ModuleOutcome.Refused(Problem problem) -> Optional.of(problem);
            case ModuleOutcome.WithoutTarget(String reason, boolean _) ->
                Optional.of(
                    Problem.incompatible("a module has no place in this architecture")
                        .at(source.name() + ", " + module.module().name())
                        .found(reason));
          };
      if (refusal.isPresent()) {
        throw refusal.get().toException();
      }
    }
    return new PlannedLora(match, Strength.FULL);
  }

  private Optional<Problem> refusal(String module, ModuleOutcome.Applied applied) {
    return applied.changes().stream().anyMatch(change -> change instanceof Change.Transform)
        ? Optional.of(
            Problem.incompatible("what this LoRA does depends on the weights of a checkpoint")
                .at(source.name() + ", " + module)
                .expected("changes that are the same for every checkpoint")
                .help(
                    "merge it into the checkpoint instead: athanor merge --base CHECKPOINT "
                        + source.name()
                        + " --out merged.safetensors"))
        : Optional.empty();
  }

  private Map<String, String> metadata(PlannedLora lora, LoraMethod.Planned pairs) {
    if (!options.keepMetadata()) {
      return Map.of();
    }
    Map<String, String> metadata =
        new LinkedHashMap<>(CheckpointMetadata.inherited(source.metadata()));
    metadata.remove(ADAPTER_METADATA);
    metadata.remove(NETWORK_ARGUMENTS);
    var architecture = ReferenceTargets.of(lora.match().file(), new ArrayList<>()).architecture();
    metadata.putAll(
        new MergedLoraMetadata(architecture, List.of(lora)).network(LoraRanks.of(pairs.modules())));
    return metadata;
  }
}
