package athanor.cli;

import athanor.file.OutputTarget;
import athanor.job.input.Fetching;
import athanor.job.input.InputHashes;
import athanor.job.input.KnownInput;
import athanor.job.input.RemoteInputs;
import athanor.recipe.MergeRequest;
import athanor.recipe.Recipe;
import java.util.List;
import java.util.Optional;

/**
 * One merge from the request to the summary: links are found, the verdict is given from what is
 * known, files are brought, the result is made and said.
 */
final class MergeSession {
  private final CommandContext context;
  private final Screen screen;
  private final int threads;

  MergeSession(CommandContext context, Screen screen, int threads) {
    this.context = context;
    this.screen = screen;
    this.threads = threads;
  }

  /**
   * What came of a merge.
   *
   * @param inputs in the order of the request
   * @param sha256 of the result, if the target asked for it
   */
  record Made(List<KnownInput> inputs, Optional<String> sha256) {}

  /** Runs the merge. */
  Made run(MergeRequest request, OutputTarget target) {
    return run(request, target, false);
  }

  /**
   * As {@link #run}, and reads the hash of every input, so that it is known afterwards and stands
   * in the result's metadata. Files of this computer are read once more for that.
   */
  Made runHashed(MergeRequest request, OutputTarget target) {
    return run(request, target, true);
  }

  private Made run(MergeRequest request, OutputTarget target, boolean hashed) {
    try (RemoteInputs remote = context.remoteInputs(screen)) {
      Recipe recipe = remote.locate(request);
      var hashes = new InputHashes(request, recipe, remote);
      hashes.require();
      MergeWork work = work(request, recipe, remote, target);
      if (hashed || hashes.areDemanded()) {
        readLocal(hashes, hashed, remote, work);
      }
      if (!remote.all().isEmpty()) {
        bring(recipe, remote, work);
        hashes.require();
      }
      Optional<String> sha256 = work.run();
      return new Made(hashes.known(), sha256);
    }
  }

  /** What does not fit is said before large files are read. */
  private void readLocal(InputHashes hashes, boolean all, RemoteInputs remote, MergeWork work) {
    if (remote.all().isEmpty()) {
      work.judge(false);
    }
    try (var progress = ProgressDisplay.on(screen)) {
      hashes.readLocal(all, progress, context.cancellation());
    }
  }

  /** Whether the target is the result of this very merge already, made by an earlier run. */
  boolean isDone(MergeRequest request, OutputTarget target) {
    try (RemoteInputs remote = context.remoteInputs(screen)) {
      Recipe recipe = remote.locate(request);
      return remote.unreadable().isEmpty() && work(request, recipe, remote, target).isDone();
    }
  }

  /** Says what the merge would do and writes nothing; returns the exit code. */
  int rehearse(MergeRequest request, OutputTarget target) {
    try (RemoteInputs remote = context.remoteInputs(screen)) {
      Recipe recipe = remote.locate(request);
      new InputHashes(request, recipe, remote).require();
      if (recipe.base().isPresent() && remote.unreadable().isPresent()) {
        return new LinkReport(screen).printDeclared(recipe, remote);
      }
      work(request, recipe, remote, target).rehearse();
      new LinkReport(screen).print(remote.forecast());
      return 0;
    }
  }

  /** Fetches what was given as a link, after a verdict from the structure of the files alone. */
  private void bring(Recipe recipe, RemoteInputs remote, MergeWork work) {
    Signals.outcome("no result was written; what was downloaded is kept for the next run");
    Screen aside = screen.aside();
    try (var progress = ProgressDisplay.on(screen)) {
      new Fetching(remote, progress, new LinkReport(screen)::arrived)
          .run(
              recipe,
              first -> {
                long bytes = work.judge(first);
                if (first) {
                  new LinkReport(aside).print(remote.forecast());
                }
                remote.forecast().requireSpace(work.output(), bytes);
              });
    }
  }

  private MergeWork work(
      MergeRequest request, Recipe recipe, RemoteInputs remote, OutputTarget target) {
    var place = new MergeWork.Place(remote, target, screen, threads, context.cancellation());
    return recipe.base().isPresent()
        ? new CheckpointWork(recipe, place)
        : new LoraWork(recipe, request.loraMethod(), place);
  }
}
