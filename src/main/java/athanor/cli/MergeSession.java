package athanor.cli;

import athanor.file.OutputTarget;
import athanor.hub.upload.Clearance;
import athanor.hub.upload.UploadItem;
import athanor.job.Fetching;
import athanor.job.RemoteInputs;
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

  /** Runs the merge, then publishes its result; whether it may is asked first. */
  void run(MergeRequest request, OutputTarget target, PublishSession publishing) {
    String name = String.valueOf(target.path().getFileName());
    Clearance clearance = publishing.clear(List.of(name));
    Optional<String> sha256 = run(request, target.hashed());
    publishing.publish(
        clearance, List.of(new UploadItem.LocalFile(target.path(), name, sha256)), List.of());
  }

  /** Runs the merge; returns the SHA-256 of the result, if the target asks for it. */
  Optional<String> run(MergeRequest request, OutputTarget target) {
    try (RemoteInputs remote = context.remoteInputs(screen)) {
      Recipe recipe = remote.locate(request);
      MergeWork work = work(request, recipe, remote, target);
      if (!remote.all().isEmpty()) {
        bring(recipe, remote, work);
      }
      return work.run();
    }
  }

  /** Says what the merge would do and writes nothing; returns the exit code. */
  int rehearse(MergeRequest request, OutputTarget target) {
    try (RemoteInputs remote = context.remoteInputs(screen)) {
      Recipe recipe = remote.locate(request);
      if (recipe.base().isPresent() && remote.refusal().isPresent()) {
        return new LinkReport(screen).printDeclared(recipe, remote);
      }
      work(request, recipe, remote, target).rehearse();
      new LinkReport(screen).print(remote.forecast());
      return 0;
    }
  }

  /** Fetches what was given as a link, after a verdict from the structure of the files alone. */
  private void bring(Recipe recipe, RemoteInputs remote, MergeWork work) {
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
        : new LoraWork(recipe, request.loraResult(), place);
  }
}
