package athanor;

import athanor.error.Problem;
import athanor.file.OutputTarget;
import athanor.format.OutputFormat;
import athanor.job.session.JobEvent;
import athanor.job.session.JobSettings;
import athanor.job.session.MergeJob;
import athanor.job.session.MergeResult;
import athanor.merge.method.LoraMethods;
import athanor.merge.method.mix.Sum;
import athanor.merge.plan.MergeOptions;
import athanor.progress.Cancellation;
import athanor.recipe.InputRequest;
import athanor.recipe.LoraRequest;
import athanor.recipe.MergeRequest;
import athanor.recipe.MixRequest;
import athanor.recipe.arguments.LoraArguments;
import athanor.recipe.arguments.MixArguments;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * A merge of LoRAs and checkpoints into a checkpoint, or of LoRAs into one LoRA, described and not
 * begun. Immutable; merges can run at the same time, also the same one into different files.
 *
 * <p>Files are given as on the command line: as paths or as links to Hugging Face, Civitai or any
 * web server. Links are judged where they are and then downloaded into the user's cache, with the
 * tokens that {@code athanor auth login} has stored.
 */
public final class Merge {
  private final Optional<InputRequest> base;
  private final List<MixRequest> mix;
  private final List<LoraRequest> loras;
  private final boolean overwrite;
  private final int threads;

  private Merge(
      Optional<InputRequest> base,
      List<MixRequest> mix,
      List<LoraRequest> loras,
      boolean overwrite,
      int threads) {
    this.base = base;
    this.mix = mix;
    this.loras = loras;
    this.overwrite = overwrite;
    this.threads = threads;
  }

  /** A merge into a checkpoint, given as a path or a link. */
  public static Merge into(String checkpoint) {
    return begin(Optional.of(new InputRequest(checkpoint)));
  }

  /** A merge of LoRAs into one LoRA that has the effect of all. */
  public static Merge ofLoras() {
    return begin(Optional.empty());
  }

  private static Merge begin(Optional<InputRequest> base) {
    return new Merge(base, List.of(), List.of(), false, Runtime.getRuntime().availableProcessors());
  }

  /**
   * The same merge with one more LoRA.
   *
   * @param lora as on the command line, {@code FILE[@RATIO][,WEIGHT...]}, for example {@code
   *     pixel.safetensors@0.6,te=0.3}
   * @throws athanor.error.AthanorException of kind USAGE if it cannot be understood
   */
  public Merge lora(String lora) {
    return new Merge(
        base,
        mix,
        Stream.concat(loras.stream(), Stream.of(LoraArguments.parse(lora))).toList(),
        overwrite,
        threads);
  }

  /**
   * The same merge with one more checkpoint mixed into that of {@link #into}, which gets the rest.
   *
   * @param checkpoint as on the command line, {@code FILE[@RATIO][,WEIGHT...]}, for example {@code
   *     other.safetensors@0.4}
   * @throws athanor.error.AthanorException of kind USAGE if it cannot be understood, or the merge
   *     is one {@link #ofLoras}
   */
  public Merge mix(String checkpoint) {
    if (base.isEmpty()) {
      throw Problem.usage("a checkpoint is mixed into another one, and there is none")
          .at(checkpoint)
          .help("begin with Merge.into")
          .toException();
    }
    return new Merge(
        base,
        Stream.concat(mix.stream(), Stream.of(MixArguments.mixed(checkpoint))).toList(),
        loras,
        overwrite,
        threads);
  }

  /** The same merge, which replaces its output if there is one. */
  public Merge overwrite() {
    return new Merge(base, mix, loras, true, threads);
  }

  /**
   * The same merge with another number of workers than one per processor. The result is the same.
   *
   * @throws athanor.error.AthanorException of kind USAGE if it is less than 1
   */
  public Merge threads(int number) {
    if (number < 1) {
      throw Problem.usage("a merge needs at least 1 thread").found(number).toException();
    }
    return new Merge(base, mix, loras, overwrite, number);
  }

  /**
   * Merges, and returns when the result is complete, verified and durable. If it fails there is no
   * new file, and an old one of that name is as it was.
   *
   * @param output where the result goes; its extension, {@code .safetensors} or {@code .ckpt}, says
   *     what it becomes
   * @param events hears what happens; called from the threads of the merge, one at a time
   * @throws athanor.error.AthanorException with what is wrong and what helps
   */
  public Merged run(Path output, Consumer<MergeEvent> events) {
    return run(output, events, new Cancellation());
  }

  /**
   * As {@link #run(Path, Consumer)}.
   *
   * @param cancellation ends the merge when it is requested, from any thread
   * @throws athanor.error.AthanorException as there; of kind CANCELLED
   */
  public Merged run(Path output, Consumer<MergeEvent> events, Cancellation cancellation) {
    if (loras.isEmpty() && mix.isEmpty()) {
      throw Problem.usage("no LoRA was given").toException();
    }
    OutputFormat.of(output);
    JobSettings process = JobSettings.ofProcess();
    MergeResult result =
        new MergeJob(
                request(),
                OutputTarget.of(output, overwrite),
                new JobSettings(process.environment(), process.home(), threads))
            .run(new OneAtATime(events)::hear, cancellation);
    return new Merged(
        result.output(),
        result.bytes(),
        result.elapsed(),
        result.loras().stream()
            .map(lora -> new Merged.Lora(lora.name(), lora.ratio(), lora.applied(), lora.modules()))
            .toList(),
        result.warnings());
  }

  private MergeRequest request() {
    return new MergeRequest(
        base,
        mix,
        loras,
        Optional.empty(),
        false,
        MergeOptions.defaults(),
        base.isPresent() ? new Sum() : LoraMethods.standard(),
        false);
  }

  /** Passes on the events that the world outside knows. */
  private record OneAtATime(Consumer<MergeEvent> events) {
    synchronized void hear(JobEvent event) {
      switch (event) {
        case JobEvent.Note(String text) -> events.accept(new MergeEvent.Note(text));
        case JobEvent.Warning(String text) -> events.accept(new MergeEvent.Warning(text));
        case JobEvent.Judged judged ->
            judged
                .inputs()
                .candidates()
                .forEach(lora ->
                    events.accept(new MergeEvent.Verdict(lora.input().name(), lora.fits())));
        case JobEvent.Advanced advanced ->
            events.accept(
                new MergeEvent.Advance(
                    advanced.activity(), advanced.bytes(), advanced.totalBytes()));
        default -> {}
      }
    }
  }
}
