package athanor.job.session;

import athanor.file.OutputTarget;
import athanor.job.ConvertOptions;
import athanor.job.ConvertReport;
import athanor.job.ConvertRun;
import athanor.job.ExtractRequest;
import athanor.job.ExtractRun;
import athanor.job.LoraReport;
import athanor.job.ResizeRun;
import athanor.job.input.InputDownload;
import athanor.job.input.Inputs;
import athanor.job.input.RemoteInputs;
import athanor.kernel.Kernels;
import athanor.merge.lora.resize.ResizeOptions;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.BiFunction;

/**
 * Work on one or two files that writes one: resizing, extracting, converting. The files may be
 * links.
 *
 * @param <R> what is said of the result
 */
public final class FileJob<R> implements Job<R> {
  private final List<String> files;
  private final OutputTarget target;
  private final JobSettings settings;
  private final Work<R> work;

  /**
   * The work on files that are found.
   *
   * @param <R> what is said of the result
   */
  private interface Work<R> {
    /** About the bytes of the result, from the structure of the files alone. */
    long judge(Inputs inputs, List<Path> places, Cancellation cancellation);

    R run(Inputs inputs, List<Path> places, Progress progress, Cancellation cancellation);
  }

  private FileJob(List<String> files, OutputTarget target, JobSettings settings, Work<R> work) {
    this.files = List.copyOf(files);
    this.target = target;
    this.settings = settings;
    this.work = work;
  }

  /**
   * Gives a LoRA other ranks.
   *
   * @param file a path or a link
   */
  public static FileJob<LoraReport> resize(
      String file, ResizeOptions options, OutputTarget target, JobSettings settings) {
    return new FileJob<>(
        List.of(file),
        target,
        settings,
        new Work<>() {
          @Override
          public long judge(Inputs inputs, List<Path> places, Cancellation cancellation) {
            return runner(Progress.NONE, cancellation).judge(inputs, places.getFirst(), options);
          }

          @Override
          public LoraReport run(
              Inputs inputs, List<Path> places, Progress progress, Cancellation cancellation) {
            return runner(progress, cancellation).run(inputs, places.getFirst(), options, target);
          }

          private ResizeRun runner(Progress progress, Cancellation cancellation) {
            return new ResizeRun(Kernels.create(), settings.threads(), progress, cancellation);
          }
        });
  }

  /**
   * Makes a LoRA from two checkpoints.
   *
   * @param base the original, a path or a link
   * @param tuned the checkpoint whose difference is wanted
   * @param request what is wanted of the two, once they are found
   */
  public static FileJob<LoraReport> extract(
      String base,
      String tuned,
      BiFunction<Path, Path, ExtractRequest> request,
      OutputTarget target,
      JobSettings settings) {
    return new FileJob<>(
        List.of(base, tuned),
        target,
        settings,
        new Work<>() {
          @Override
          public long judge(Inputs inputs, List<Path> places, Cancellation cancellation) {
            return runner(Progress.NONE, cancellation).judge(inputs, asked(places));
          }

          @Override
          public LoraReport run(
              Inputs inputs, List<Path> places, Progress progress, Cancellation cancellation) {
            return runner(progress, cancellation).run(inputs, asked(places), target);
          }

          private ExtractRequest asked(List<Path> places) {
            return request.apply(places.get(0), places.get(1));
          }

          private ExtractRun runner(Progress progress, Cancellation cancellation) {
            return new ExtractRun(
                Kernels.create(),
                settings.threads(),
                progress,
                cancellation,
                settings.stampOfResults());
          }
        });
  }

  /**
   * Changes types, container or spelling of a file.
   *
   * @param file a path or a link
   */
  public static FileJob<ConvertReport> convert(
      String file, ConvertOptions options, OutputTarget target, JobSettings settings) {
    return new FileJob<>(
        List.of(file),
        target,
        settings,
        new Work<>() {
          @Override
          public long judge(Inputs inputs, List<Path> places, Cancellation cancellation) {
            return runner(Progress.NONE, cancellation).judge(inputs, places.getFirst(), options);
          }

          @Override
          public ConvertReport run(
              Inputs inputs, List<Path> places, Progress progress, Cancellation cancellation) {
            return runner(progress, cancellation).run(inputs, places.getFirst(), options, target);
          }

          private ConvertRun runner(Progress progress, Cancellation cancellation) {
            return new ConvertRun(Kernels.create(), settings.threads(), progress, cancellation);
          }
        });
  }

  @Override
  public Forecast judge(JobListener listener, Cancellation cancellation) {
    try (RemoteInputs remote = settings.inputs(listener, cancellation)) {
      List<Path> places = remote.locate(files.toArray(String[]::new));
      listener.hear(new JobEvent.Downloads(remote.forecast()));
      OptionalLong bytes =
          remote.unreadable().isPresent()
              ? OptionalLong.empty()
              : OptionalLong.of(work.judge(remote, places, cancellation));
      return new Forecast(true, bytes, remote.forecast());
    }
  }

  @Override
  public R run(JobListener listener, Cancellation cancellation) {
    try (RemoteInputs remote = settings.inputs(listener, cancellation)) {
      List<Path> places = remote.locate(files.toArray(String[]::new));
      Progress progress = listener.progress();
      if (!remote.all().isEmpty()) {
        listener.hear(new JobEvent.Leaves(Leftover.DOWNLOADS));
        listener.hear(new JobEvent.At(Stage.DOWNLOADING));
        listener.hear(new JobEvent.Downloads(remote.forecast()));
        new InputDownload(remote, progress, input -> listener.hear(new JobEvent.Arrived(input)))
            .run(
                InputDownload.smallestFirst(remote),
                target.path(),
                () -> work.judge(remote, places, cancellation));
      }
      listener.hear(new JobEvent.At(Stage.MAKING));
      return work.run(remote, places, progress, cancellation);
    }
  }
}
