package athanor.job;

import athanor.adapter.AdapterFile;
import athanor.error.Problem;
import athanor.file.InputFile;
import athanor.file.OutputFile;
import athanor.file.OutputTarget;
import athanor.format.ModelHash;
import athanor.format.OutputFormat;
import athanor.job.input.Inputs;
import athanor.kernel.Kernels;
import athanor.merge.engine.MergeEngine;
import athanor.merge.engine.ResultFile;
import athanor.merge.lora.StoredAlphas;
import athanor.merge.lora.sum.Approximation;
import athanor.merge.lora.writing.LoraWriter;
import athanor.merge.metadata.CheckpointMetadata;
import athanor.merge.metadata.MetadataKeys;
import athanor.merge.method.LoraContributions;
import athanor.merge.plan.ConversionPlan;
import athanor.merge.plan.Precision;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.safetensors.SafetensorsFile;
import athanor.safetensors.SafetensorsLayout;
import athanor.tensor.StateDict;
import athanor.tensor.StateDictLayout;
import athanor.tensor.TensorInfo;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Converts a file: type of its weights, container, layout of a checkpoint, spelling or format of a
 * LoRA; one pass, and what need not change is copied byte for byte.
 *
 * @param kernels the arithmetic
 * @param threads number of workers, at least 1
 * @param progress told of the advance
 * @param cancellation stops the run; nothing is left behind
 */
public record ConvertRun(
    Kernels kernels, int threads, Progress progress, Cancellation cancellation) {
  private static final String HELP =
      "store wider: --save_precision bf16 (or float), or accept it: --allow-non-finite";

  /**
   * Converts a file of this computer.
   *
   * @throws athanor.error.AthanorException as {@link #run(Inputs, Path, ConvertOptions,
   *     OutputTarget)}
   */
  public ConvertReport run(Path input, ConvertOptions options, OutputTarget target) {
    return run(Inputs.LOCAL, input, options, target);
  }

  /**
   * Converts a file.
   *
   * @throws athanor.error.AthanorException of kind USAGE if the output cannot go there, of kind
   *     INCOMPATIBLE if the wish does not fit the file, of kind VERIFICATION if values overflow and
   *     that was not allowed, of kind RESOURCES if the disk is too small, of kind BAD_FILE if the
   *     input is damaged, of kind CANCELLED
   */
  public ConvertReport run(Inputs inputs, Path input, ConvertOptions options, OutputTarget target) {
    Instant start = Instant.now();
    OutputFormat.of(target.path());
    List<String> warnings = new ArrayList<>();
    try (StateDict source = inputs.open(input, warnings::add)) {
      target.refuseInputs(source.files());
      boolean adapter = isAdapter(source, options);
      Counts counts =
          options.asLora().isPresent()
              ? conversion(source, options).write(target, warnings)
              : options.format().isPresent()
                  ? new LoraRespell(source, options, kernels, writer()).write(target, warnings)
                  : stream(source, options, adapter, target, warnings);
      return new ConvertReport(
          target.path(),
          counts.bytes(),
          source.files().stream().mapToLong(InputFile::size).sum(),
          Duration.between(start, Instant.now()),
          counts.tensors(),
          counts.converted(),
          counts.dropped(),
          counts.approximation(),
          warnings);
    }
  }

  private static boolean isAdapter(StateDict source, ConvertOptions options) {
    boolean adapter = AdapterFile.looksLikeAdapter(source.tensors());
    boolean asLora = options.asLora().isPresent();
    if ((asLora || options.format().isPresent()) && !adapter) {
      String option = asLora ? "--to" : "--format";
      throw Problem.usage(option + " is about LoRAs, and this is none")
          .at(source.name())
          .help("leave " + option + " out")
          .toException();
    }
    return adapter;
  }

  /**
   * Judges a file by its structure alone; reads no values.
   *
   * @return about the bytes that the result takes
   * @throws athanor.error.AthanorException if it can be told already that the conversion would fail
   */
  public long judge(Inputs inputs, Path input, ConvertOptions options) {
    try (StateDict source = inputs.open(input, note -> {})) {
      boolean adapter = isAdapter(source, options);
      if (options.asLora().isPresent()) {
        return conversion(source, options).judge();
      }
      if (adapter && options.format().isPresent()) {
        new LoraRespell(source, options, kernels, writer()).judge();
      }
      return laidOut(source, options).outputs().stream().mapToLong(TensorInfo::byteSize).sum();
    }
  }

  private LoraConversion conversion(StateDict source, ConvertOptions options) {
    return new LoraConversion(
        source, options, new LoraContributions.Measuring(kernels, threads, progress, cancellation));
  }

  private LoraWriter writer() {
    return new LoraWriter(kernels, threads, progress, cancellation);
  }

  /** What was written. */
  record Counts(
      long bytes, int tensors, int converted, int dropped, Optional<Approximation> approximation) {}

  private Counts stream(
      StateDict source,
      ConvertOptions options,
      boolean adapter,
      OutputTarget target,
      List<String> warnings) {
    ConversionPlan plan = plan(source, options, adapter, target, warnings);
    if (options.pruneEma() && plan.dropped().isEmpty()) {
      warnings.add("there are no EMA weights to prune");
    }
    Map<String, String> metadata = metadata(source, options, adapter);
    StateDictLayout layout = OutputFormat.of(target.path()).layout(plan.outputs(), metadata);
    target.requireSpace(layout.size());
    var engine = new MergeEngine(kernels, threads, progress, cancellation);
    new ResultFile(target, layout, source.files(), cancellation)
        .write(output -> {
          MergeEngine.Findings findings =
              engine.run("converting", plan.tensors(), Precision.FLOAT, layout, output);
          WrittenFile.judge(findings, "the conversion", HELP, options.allowNonFinite(), warnings);
          if (metadata.containsKey(MetadataKeys.MODEL_HASH)
              && layout instanceof SafetensorsLayout) {
            writeHashes(output, layout, metadata);
          }
          return findings;
        });
    return new Counts(
        layout.size(),
        plan.tensors().size(),
        plan.converted(),
        plan.dropped().size(),
        Optional.empty());
  }

  /**
   * What is converted. A LoRA gets an alpha for each module whose scale stands only where the
   * result would not have it, and the order in which its hash is that of its bytes.
   */
  private static ConversionPlan plan(
      StateDict source,
      ConvertOptions options,
      boolean adapter,
      OutputTarget target,
      List<String> warnings) {
    ConversionPlan plan = laidOut(source, options);
    if (!adapter) {
      return plan;
    }
    boolean safetensors = OutputFormat.of(target.path()) == OutputFormat.SAFETENSORS;
    StoredAlphas alphas = StoredAlphas.of(source, options.keepMetadata() && safetensors);
    warnings.addAll(alphas.notes());
    ConversionPlan complete = plan.with(alphas.tensors());
    return safetensors ? complete.sorted() : complete;
  }

  private static ConversionPlan laidOut(StateDict source, ConvertOptions options) {
    ConversionPlan plan = ConversionPlan.of(source, options.savePrecision(), options.pruneEma());
    return options.layout().map(layout -> plan.inLayout(source, layout)).orElse(plan);
  }

  /** A LoRA's hashes are reserved with zeros and filled in when its bytes are written. */
  private static Map<String, String> metadata(
      StateDict source, ConvertOptions options, boolean adapter) {
    if (!options.keepMetadata()) {
      return Map.of();
    }
    Map<String, String> metadata =
        new LinkedHashMap<>(CheckpointMetadata.inherited(source.metadata()));
    if (adapter) {
      metadata.put(MetadataKeys.MODEL_HASH, "0".repeat(64));
      metadata.put(MetadataKeys.LEGACY_HASH, "0".repeat(8));
    } else {
      metadata.putIfAbsent("format", "pt");
    }
    return metadata;
  }

  private static void writeHashes(
      OutputFile output, StateDictLayout layout, Map<String, String> metadata) {
    ModelHash hash;
    try (SafetensorsFile written = SafetensorsFile.open(output.temporaryPath())) {
      hash = ModelHash.of(written);
    }
    Map<String, String> complete = new LinkedHashMap<>(metadata);
    complete.put(MetadataKeys.MODEL_HASH, hash.model());
    complete.put(MetadataKeys.LEGACY_HASH, hash.legacy());
    SafetensorsLayout.inOrder(layout.tensors(), complete).writeFrame(output, new int[0]);
  }
}
