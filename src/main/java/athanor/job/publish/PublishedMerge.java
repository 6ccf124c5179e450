package athanor.job.publish;

import athanor.file.OutputTarget;
import athanor.hub.upload.UploadItem;
import athanor.hub.upload.UploadPermission;
import athanor.job.session.Forecast;
import athanor.job.session.Job;
import athanor.job.session.JobListener;
import athanor.job.session.JobSettings;
import athanor.job.session.MergeResult;
import athanor.progress.Cancellation;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A merge whose result is published; whether it may be is asked before the merge.
 *
 * @param wanted where, and how
 * @param target where the result goes on this computer
 * @param merge the merge into a target
 * @param settings the world around
 */
public record PublishedMerge(
    PublishSettings wanted,
    OutputTarget target,
    Function<OutputTarget, Job<MergeResult>> merge,
    JobSettings settings)
    implements Job<MergeResult> {

  @Override
  public Forecast judge(JobListener listener, Cancellation cancellation) {
    permit(session(listener, cancellation));
    return merge.apply(target).judge(listener, cancellation);
  }

  @Override
  public MergeResult run(JobListener listener, Cancellation cancellation) {
    PublishSession session = session(listener, cancellation);
    UploadPermission permission = permit(session);
    MergeResult result = merge.apply(target.hashed()).run(listener, cancellation);
    session.publish(permission, List.of(file(result.sha256())), List.of());
    return result;
  }

  private UploadPermission permit(PublishSession session) {
    return session.permit(List.of(name()));
  }

  private UploadItem.LocalFile file(Optional<String> sha256) {
    return new UploadItem.LocalFile(target.path(), name(), sha256);
  }

  private String name() {
    return String.valueOf(target.path().getFileName());
  }

  private PublishSession session(JobListener listener, Cancellation cancellation) {
    return new PublishSession(wanted, settings, listener, cancellation);
  }
}
