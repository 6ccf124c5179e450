package athanor.job.session;

import athanor.job.AnalysisReport;
import athanor.job.AnalysisRun;
import athanor.job.JudgedInputs;
import athanor.job.PreparedLoraMerge;
import athanor.job.PreparedMerge;
import athanor.job.input.InputDownload;
import athanor.job.input.RemoteInputs;
import athanor.kernel.Kernels;
import athanor.progress.Cancellation;
import athanor.recipe.MergeRequest;
import athanor.recipe.Recipe;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * What LoRAs do to a checkpoint, or would do to one, and to each other; writes nothing but the
 * downloads of what was given as links.
 *
 * @param request the merge that is asked about
 * @param downloads where links would be downloaded to, for the room on that disk
 * @param settings the world around
 */
public record AnalyzeJob(MergeRequest request, Path downloads, JobSettings settings)
    implements Job<AnalysisReport> {

  @Override
  public Forecast judge(JobListener listener, Cancellation cancellation) {
    try (RemoteInputs remote = settings.inputs(listener, cancellation);
        JudgedInputs inputs = open(remote.locate(request), remote)) {
      return new Forecast(inputs.refusal().isEmpty(), OptionalLong.empty(), remote.forecast());
    }
  }

  @Override
  public AnalysisReport run(JobListener listener, Cancellation cancellation) {
    try (RemoteInputs remote = settings.inputs(listener, cancellation)) {
      listener.hear(new JobEvent.At(Stage.FINDING));
      Recipe recipe = remote.locate(request);
      if (!remote.all().isEmpty()) {
        listener.hear(new JobEvent.Leaves(Leftover.DOWNLOADS));
        listener.hear(new JobEvent.At(Stage.DOWNLOADING));
        listener.hear(new JobEvent.Downloads(remote.forecast()));
        new InputDownload(
                remote, listener.progress(), input -> listener.hear(new JobEvent.Arrived(input)))
            .run(InputDownload.smallestFirst(remote), downloads, () -> 0);
      }
      listener.hear(new JobEvent.At(Stage.MAKING));
      try (JudgedInputs inputs = open(recipe, remote)) {
        inputs.warnings().forEach(listener::warn);
        return new AnalysisRun(
                Kernels.create(), settings.threads(), listener.progress(), cancellation)
            .run(inputs);
      }
    }
  }

  private static JudgedInputs open(Recipe recipe, RemoteInputs remote) {
    return recipe.base().isEmpty()
        ? PreparedLoraMerge.of(recipe, remote)
        : PreparedMerge.of(recipe, remote);
  }
}
