package athanor.job;

import athanor.adapter.AdapterFile;
import athanor.adapter.AdapterTraits;
import athanor.file.InputFile;
import athanor.file.OutputTarget;
import athanor.format.OutputFormat;
import athanor.job.input.InputKinds;
import athanor.job.input.Inputs;
import athanor.kernel.Kernels;
import athanor.merge.lora.ModulePool;
import athanor.merge.lora.resize.LoraResize;
import athanor.merge.lora.resize.ResizeOptions;
import athanor.merge.metadata.ResizeMetadata;
import athanor.merge.method.LoraContributions;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.tensor.StateDict;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Gives a LoRA other ranks, from the opened file to the published one.
 *
 * @param kernels the arithmetic
 * @param threads number of workers, at least 1
 * @param progress told of the advance
 * @param cancellation stops the run; nothing is left behind
 */
public record ResizeRun(
    Kernels kernels, int threads, Progress progress, Cancellation cancellation) {

  /**
   * Resizes a file of this computer.
   *
   * @throws athanor.error.AthanorException as {@link #run(Inputs, Path, ResizeOptions,
   *     OutputTarget)}
   */
  public LoraReport run(Path input, ResizeOptions options, OutputTarget target) {
    return run(Inputs.LOCAL, input, options, target);
  }

  /**
   * Resizes a file.
   *
   * @throws athanor.error.AthanorException of kind USAGE if the output cannot go there, of kind
   *     RESOURCES if the disk is too small, of kind INCOMPATIBLE if a module depends on the weights
   *     of a checkpoint, otherwise as {@link LoraResize#plan} and {@link
   *     athanor.merge.lora.writing.LoraWriter#write}
   */
  public LoraReport run(Inputs inputs, Path input, ResizeOptions options, OutputTarget target) {
    Instant start = Instant.now();
    OutputFormat.of(target.path());
    List<String> warnings = new ArrayList<>();
    try (StateDict source = inputs.open(input, warnings::add)) {
      target.refuseInputs(source.files());
      AdapterFile file = requireLora(source);
      FormatResize.Planned planned = plan(file, options);
      long bytesBefore = source.files().stream().mapToLong(InputFile::size).sum();
      return new LoraResultWriter(kernels, threads, progress, cancellation)
          .write(
              target,
              planned.plan(),
              planned.metadata(),
              source.files(),
              bytesBefore,
              start,
              warnings);
    }
  }

  private FormatResize.Planned plan(AdapterFile file, ResizeOptions options) {
    if (!LoraResize.resizes(file)) {
      return new FormatResize(file, options).plan(measuring());
    }
    var resize = new LoraResize(kernels, new ModulePool(threads, progress, cancellation));
    return new FormatResize.Planned(
        resize.plan(file, options),
        ResizeMetadata.of(file.source().metadata(), AdapterTraits.of(file), options));
  }

  private LoraContributions.Measuring measuring() {
    return new LoraContributions.Measuring(kernels, threads, progress, cancellation);
  }

  private static AdapterFile requireLora(StateDict source) {
    if (!AdapterFile.looksLikeAdapter(source.tensors())) {
      throw InputKinds.notALora(source).help("give a LoRA file").toException();
    }
    return AdapterFile.of(source);
  }

  /**
   * Judges a file by its structure alone; reads no values.
   *
   * @return about the most bytes that the result takes
   * @throws athanor.error.AthanorException if it can be told already that resizing it would fail
   */
  public long judge(Inputs inputs, Path input, ResizeOptions options) {
    try (StateDict source = inputs.open(input, note -> {})) {
      AdapterFile file = requireLora(source);
      if (!LoraResize.resizes(file)) {
        return new FormatResize(file, options).plan(measuring()).bytes();
      }
      LoraResize.requirePairs(file);
      long size = source.files().stream().mapToLong(InputFile::size).sum();
      return Math.min(size, options.targetBytes().orElse(size));
    }
  }
}
