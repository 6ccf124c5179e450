package athanor.job;

import athanor.adapter.AdapterFile;
import athanor.adapter.format.PeftConfig;
import athanor.error.Problem;
import athanor.file.OutputTarget;
import athanor.format.OutputFormat;
import athanor.kernel.Kernels;
import athanor.merge.lora.LoraFormat;
import athanor.merge.lora.spelling.LoraRespelling;
import athanor.merge.lora.writing.LoraWriter;
import athanor.merge.metadata.CheckpointMetadata;
import athanor.tensor.StateDict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The conversion of a LoRA's names: finds its architecture, respells it and writes it. */
record LoraRespell(StateDict source, ConvertOptions options, Kernels kernels, LoraWriter writer) {
  ConvertRun.Counts write(OutputTarget target, List<String> warnings) {
    LoraFormat format = options.format().orElseThrow();
    AdapterFile file = AdapterFile.of(source);
    LoraRespelling.Result result =
        LoraRespelling.of(
            file,
            ReferenceTargets.of(file, warnings).index(),
            format,
            options.savePrecision(),
            kernels);
    if (result.adapterMetadata().isPresent()) {
      requireMetadata(target);
    }
    warnings.addAll(result.notes());
    LoraWriter.Written written =
        writer.write(
            target, result.modules(), metadata(result), source.files(), options.allowNonFinite());
    int tensors = result.modules().stream().mapToInt(module -> module.tensors().size()).sum();
    return new ConvertRun.Counts(written.bytes(), tensors, result.converted(), 0, Optional.empty());
  }

  private void requireMetadata(OutputTarget target) {
    boolean ckpt = OutputFormat.of(target.path()) == OutputFormat.CKPT;
    if (!ckpt && options.keepMetadata()) {
      return;
    }
    throw Problem.incompatible("without metadata the alphas of this LoRA would be lost")
        .at(source.name())
        .found("scales alpha / rank that are no powers of two, which PEFT keeps beside the tensors")
        .help(
            ckpt
                ? "write a .safetensors file, or give --format kohya"
                : "leave --no_metadata out, or give --format kohya")
        .toException();
  }

  private Map<String, String> metadata(LoraRespelling.Result result) {
    if (!options.keepMetadata()) {
      return Map.of();
    }
    Map<String, String> metadata =
        new LinkedHashMap<>(CheckpointMetadata.inherited(source.metadata()));
    metadata.remove(PeftConfig.METADATA_KEY);
    result.adapterMetadata().ifPresent(text -> metadata.put(PeftConfig.METADATA_KEY, text));
    return metadata;
  }

  /**
   * Returns if the structure of the file does not forbid the conversion; reads no values.
   *
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if it does
   */
  void judge() {
    AdapterFile file = AdapterFile.of(source);
    Optional<Problem> refusal = file.refusal();
    if (refusal.isPresent()) {
      throw refusal.get().toException();
    }
    ReferenceTargets.of(file, new ArrayList<>());
  }
}
