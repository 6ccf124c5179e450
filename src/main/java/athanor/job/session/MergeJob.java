package athanor.job.session;

import athanor.file.OutputTarget;
import athanor.job.input.Inputs;
import athanor.progress.Cancellation;
import athanor.recipe.MergeRequest;
import java.util.function.UnaryOperator;

/** A merge of LoRAs into a checkpoint, or into one LoRA; its inputs may be links. */
public final class MergeJob implements Job<MergeResult> {
  private final MergeRequest request;
  private final OutputTarget target;
  private final JobSettings settings;
  private final boolean hashed;
  private final UnaryOperator<Inputs> opening;

  /**
   * A merge.
   *
   * @param request what is merged, and how
   * @param target where the result goes
   */
  public MergeJob(MergeRequest request, OutputTarget target, JobSettings settings) {
    this(request, target, settings, false, UnaryOperator.identity());
  }

  /**
   * As {@link #MergeJob(MergeRequest, OutputTarget, JobSettings)}.
   *
   * @param hashed as by {@link #withHashes}
   * @param opening what opens the files, given what opens links
   */
  MergeJob(
      MergeRequest request,
      OutputTarget target,
      JobSettings settings,
      boolean hashed,
      UnaryOperator<Inputs> opening) {
    this.request = request;
    this.target = target;
    this.settings = settings;
    this.hashed = hashed;
    this.opening = opening;
  }

  /**
   * The same merge, which reads the hash of every input, so that it is known afterwards and stands
   * in the result's metadata. Files of this computer are read once more for that.
   */
  public MergeJob withHashes() {
    return new MergeJob(request, target, settings, true, opening);
  }

  /** Whether the target is the result of this very merge already, made by an earlier run. */
  public boolean isDone(JobListener listener, Cancellation cancellation) {
    try (MergeSession session = begin(listener, cancellation)) {
      return session.isDone();
    }
  }

  @Override
  public Forecast judge(JobListener listener, Cancellation cancellation) {
    try (MergeSession session = begin(listener, cancellation)) {
      return session.judge();
    }
  }

  @Override
  public MergeResult run(JobListener listener, Cancellation cancellation) {
    try (MergeSession session = begin(listener, cancellation)) {
      return session.run(hashed);
    }
  }

  private MergeSession begin(JobListener listener, Cancellation cancellation) {
    return MergeSession.begin(request, target, settings, opening, listener, cancellation);
  }
}
