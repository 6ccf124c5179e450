package athanor.job;

import athanor.error.Problem;
import athanor.file.InputFile;
import athanor.file.OutputTarget;
import athanor.format.OutputFormat;
import athanor.job.input.InputKinds;
import athanor.job.input.Inputs;
import athanor.kernel.Kernels;
import athanor.merge.lora.LoraPlan;
import athanor.merge.lora.ModulePool;
import athanor.merge.lora.extract.LoraExtraction;
import athanor.merge.lora.extract.LoraExtraction.Side;
import athanor.merge.metadata.ExtractionMetadata;
import athanor.merge.metadata.Stamp;
import athanor.model.Architecture;
import athanor.model.Architectures;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.tensor.StateDict;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Makes a LoRA from two checkpoints, from the opened files to the published one.
 *
 * @param kernels the arithmetic
 * @param threads number of workers, at least 1
 * @param progress told of the advance
 * @param cancellation stops the run; nothing is left behind
 * @param stamp date and title of the result
 */
public record ExtractRun(
    Kernels kernels, int threads, Progress progress, Cancellation cancellation, Stamp stamp) {

  /** A run whose result has the newest date of its inputs, and its own name for a title. */
  public ExtractRun(Kernels kernels, int threads, Progress progress, Cancellation cancellation) {
    this(kernels, threads, progress, cancellation, Stamp.OF_INPUTS);
  }

  /**
   * Extracts a LoRA from files of this computer.
   *
   * @throws athanor.error.AthanorException as {@link #run(Inputs, ExtractRequest, OutputTarget)}
   */
  public LoraReport run(ExtractRequest request, OutputTarget target) {
    return run(Inputs.LOCAL, request, target);
  }

  /**
   * Extracts a LoRA.
   *
   * @throws athanor.error.AthanorException of kind USAGE if the output cannot go there, of kind
   *     INCOMPATIBLE if a file is no checkpoint or the architectures or layouts differ, otherwise
   *     as {@link LoraExtraction#plan} and {@link athanor.merge.lora.writing.LoraWriter#write}
   */
  public LoraReport run(Inputs from, ExtractRequest request, OutputTarget target) {
    Instant start = Instant.now();
    OutputFormat.of(target.path());
    List<String> warnings = new ArrayList<>();
    try (StateDict baseFile = from.open(request.base(), warnings::add);
        StateDict tunedFile = from.open(request.tuned(), warnings::add)) {
      List<InputFile> inputs = new ArrayList<>(baseFile.files());
      inputs.addAll(tunedFile.files());
      target.refuseInputs(inputs);
      Side base = base(baseFile);
      Side tuned = tuned(tunedFile);
      requireAlike(base, tuned);
      compareFlags(request, tuned.model().architecture(), warnings);
      var extraction = new LoraExtraction(kernels, new ModulePool(threads, progress, cancellation));
      LoraPlan plan = extraction.plan(base, tuned, request.options());
      Map<String, String> metadata =
          ExtractionMetadata.of(
              tuned.model(),
              request.predictsV(),
              request.options(),
              request.writeMetadata(),
              target.path(),
              stamp,
              List.of(baseFile.metadata(), tunedFile.metadata()));
      long bytesBefore = tunedFile.files().stream().mapToLong(InputFile::size).sum();
      return new LoraResultWriter(kernels, threads, progress, cancellation)
          .write(target, plan, metadata, inputs, bytesBefore, start, warnings);
    }
  }

  /**
   * Judges the files by their structure alone; reads no values.
   *
   * @return about the most bytes that the result takes
   * @throws athanor.error.AthanorException if it can be told already that the extraction would fail
   */
  public long judge(Inputs from, ExtractRequest request) {
    try (StateDict baseFile = from.open(request.base(), note -> {});
        StateDict tunedFile = from.open(request.tuned(), note -> {})) {
      Side base = base(baseFile);
      Side tuned = tuned(tunedFile);
      requireAlike(base, tuned);
      var extraction = new LoraExtraction(kernels, new ModulePool(threads, progress, cancellation));
      return extraction.forecast(base, tuned, request.options());
    }
  }

  private static Side base(StateDict file) {
    return new Side(file, InputKinds.requireCheckpoint(file));
  }

  private static Side tuned(StateDict file) {
    return new Side(file, InputKinds.requireCheckpoint(file, "tuned checkpoint"));
  }

  private static void requireAlike(Side base, Side tuned) {
    Architecture ours = base.model().architecture();
    Architecture theirs = tuned.model().architecture();
    if (!ours.equals(theirs)) {
      throw Problem.incompatible("the two checkpoints are of different architectures")
          .at(tuned.file().name())
          .found(theirs.label())
          .expected(ours.label() + ", like " + base.file().name())
          .help(
              "give the "
                  + theirs.label()
                  + " checkpoint that "
                  + tuned.file().name()
                  + " was trained from as --base")
          .toException();
    }
    InputKinds.requireSameLayout(tuned.file(), tuned.model(), base.file(), base.model());
  }

  private static void compareFlags(
      ExtractRequest request, Architecture architecture, List<String> warnings) {
    if (request.saysSdxl()) {
      compareFlag("--sdxl", architecture, warnings);
    }
    if (request.saysSd2()) {
      compareFlag("--v2", architecture, warnings);
    }
  }

  private static void compareFlag(String flag, Architecture architecture, List<String> warnings) {
    Architectures.claimedBy(flag)
        .filter(claimed -> !architecture.sharesModulesWith(claimed))
        .ifPresent(
            claimed -> warnings.add(mismatch(claimed.label() + " (" + flag + ")", architecture)));
  }

  private static String mismatch(String said, Architecture architecture) {
    return "you said " + said + ", but these are " + architecture.label() + "; the files decide";
  }
}
