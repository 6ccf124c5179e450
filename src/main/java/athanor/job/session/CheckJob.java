package athanor.job.session;

import athanor.error.Problem;
import athanor.job.DeclaredCheck;
import athanor.job.LoraMergeRun;
import athanor.job.MethodForecast;
import athanor.job.PreparedLoraMerge;
import athanor.job.PreparedMerge;
import athanor.job.ProgramVersion;
import athanor.job.input.RemoteInputs;
import athanor.job.session.JobEvent.Moment;
import athanor.kernel.Kernels;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.recipe.MergeRequest;
import athanor.recipe.Recipe;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * The question whether LoRAs fit a checkpoint, or each other; writes nothing.
 *
 * @param request the merge that is asked about
 * @param rank without a base: the rank to forecast; empty for the largest of the LoRAs
 * @param settings the world around
 */
public record CheckJob(MergeRequest request, OptionalInt rank, JobSettings settings)
    implements Job<CheckJob.Verdict> {

  /**
   * The answer.
   *
   * @param fits whether nothing is known to be in the way
   * @param refusal the first reason why a file that was read does not fit
   */
  public record Verdict(boolean fits, Optional<Problem> refusal) {
    static Verdict of(Optional<Problem> refusal) {
      return new Verdict(refusal.isEmpty(), refusal);
    }
  }

  @Override
  public Forecast judge(JobListener listener, Cancellation cancellation) {
    try (RemoteInputs remote = settings.inputs(listener, cancellation)) {
      boolean fits = check(remote, listener, cancellation).fits();
      return new Forecast(fits, OptionalLong.empty(), remote.forecast());
    }
  }

  @Override
  public Verdict run(JobListener listener, Cancellation cancellation) {
    try (RemoteInputs remote = settings.inputs(listener, cancellation)) {
      return check(remote, listener, cancellation);
    }
  }

  private Verdict check(RemoteInputs remote, JobListener listener, Cancellation cancellation) {
    listener.hear(new JobEvent.At(Stage.FINDING));
    Recipe recipe = remote.locate(request);
    if (recipe.base().isEmpty()) {
      return checkLoras(recipe, remote, listener, cancellation);
    }
    Optional<Problem> unreadable = remote.unreadable();
    if (unreadable.isPresent()) {
      var check = DeclaredCheck.of(recipe, remote);
      listener.hear(new JobEvent.Declared(check, remote.forecast(), unreadable.get()));
      return new Verdict(!check.refuses(), Optional.empty());
    }
    try (PreparedMerge merge = PreparedMerge.toLookAt(recipe, remote)) {
      merge.warnings().forEach(listener::warn);
      listener.hear(new JobEvent.Judged(merge, Moment.BEFORE_WORK));
      listener.hear(new JobEvent.Downloads(remote.forecast()));
      return Verdict.of(merge.refusal());
    }
  }

  private Verdict checkLoras(
      Recipe recipe, RemoteInputs remote, JobListener listener, Cancellation cancellation) {
    try (PreparedLoraMerge merge = PreparedLoraMerge.of(recipe, remote)) {
      merge.warnings().forEach(listener::warn);
      listener.hear(new JobEvent.Judged(merge, Moment.BEFORE_WORK));
      if (merge.refusal().isEmpty()) {
        var run =
            new LoraMergeRun(
                ProgramVersion.text(), Kernels.create(), 1, Progress.NONE, cancellation);
        listener.hear(
            new JobEvent.Methods(
                MethodForecast.of(run, merge, rank, Path.of("merged.safetensors"))));
        listener.hear(new JobEvent.Downloads(remote.forecast()));
      }
      return Verdict.of(merge.refusal());
    }
  }
}
