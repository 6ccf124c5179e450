package athanor.job.session;

import athanor.job.CheckpointComparison;
import athanor.job.input.InputKinds;
import athanor.job.input.RemoteInputs;
import athanor.merge.plan.PlannedModel;
import athanor.model.Architecture;
import athanor.model.CheckpointModel;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.tensor.StateDict;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * The question how far two checkpoints are from each other; writes nothing.
 *
 * @param a a path or a link
 * @param b another, of the same architecture
 * @param settings the world around
 */
public record DiffJob(String a, String b, JobSettings settings) implements Job<DiffJob.Compared> {

  /**
   * The answer.
   *
   * @param a the name of the first file
   * @param b the name of the second
   * @param architecture of both
   * @param comparison what differs
   */
  public record Compared(
      String a, String b, Architecture architecture, CheckpointComparison comparison) {}

  @Override
  public Forecast judge(JobListener listener, Cancellation cancellation) {
    try (RemoteInputs remote = settings.inputs(listener, cancellation)) {
      remote.locate(a, b);
      return new Forecast(true, OptionalLong.empty(), remote.forecast());
    }
  }

  @Override
  public Compared run(JobListener listener, Cancellation cancellation) {
    Progress progress = listener.progress();
    try (RemoteInputs remote = settings.inputs(listener, cancellation)) {
      listener.hear(new JobEvent.At(Stage.FINDING));
      Path first = remote.bring(a, progress);
      Path second = remote.bring(b, progress);
      listener.hear(new JobEvent.At(Stage.MAKING));
      try (StateDict base = remote.open(first, listener::note);
          StateDict other = remote.open(second, listener::note)) {
        CheckpointModel model = InputKinds.requireCheckpoint(base, "first file");
        PlannedModel compared =
            PlannedModel.of(other, InputKinds.requireCompanion(other, "second file", base, model));
        return new Compared(
            base.name(),
            other.name(),
            model.architecture(),
            CheckpointComparison.of(
                base,
                model,
                compared,
                CheckpointComparison.Extent.EVERYTHING,
                settings.threads(),
                progress,
                cancellation));
      }
    }
  }
}
