package athanor.job.session;

import athanor.file.OutputTarget;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.recipe.MergeRequest;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;

/**
 * A merge from a recipe that has a lock file: the result must be the one of the lock, and the lock
 * knows the exact files afterwards.
 *
 * @param asked the merge as the recipe says it
 * @param request the same with the files that the lock and the folders led to
 * @param lock the lock
 * @param target where the result goes
 * @param settings the world around
 */
public record LockedMerge(
    MergeRequest asked,
    MergeRequest request,
    RecipeLock lock,
    OutputTarget target,
    JobSettings settings)
    implements Job<MergeResult> {

  @Override
  public Forecast judge(JobListener listener, Cancellation cancellation) {
    return new MergeJob(request, target, settings).judge(listener, cancellation);
  }

  @Override
  public MergeResult run(JobListener listener, Cancellation cancellation) {
    Progress progress = listener.progress();
    var tensors = new AtomicReference<>("");
    OutputTarget examined =
        target.examined(
            made -> tensors.set(lock.requireTensors(asked, made, progress, cancellation)));
    MergeResult result =
        new MergeJob(request, examined, settings).withHashes().run(listener, cancellation);
    lock.write(asked, result.inputs(), Objects.requireNonNull(tensors.get()))
        .ifPresent(place -> listener.note("lock file: " + place));
    return result;
  }
}
