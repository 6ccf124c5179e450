package athanor.job.session;

import athanor.file.OutputTarget;
import athanor.format.StateDicts;
import athanor.job.RebuildProof;
import athanor.job.Rebuilding;
import athanor.job.input.InputFolders;
import athanor.merge.metadata.Stamp;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.recipe.MergeRequest;
import athanor.tensor.Container;
import athanor.tensor.StateDict;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * Makes a merged file again from the recipe inside it, and proves that every tensor is the same,
 * and whether the whole file is.
 *
 * @param file the merged file
 * @param folders where its inputs are looked for
 * @param target where the rebuilt file goes, asked when the recipe is read; empty if it is only
 *     compared
 * @param settings the world around
 */
public record RebuildJob(
    Path file, InputFolders folders, Supplier<Optional<OutputTarget>> target, JobSettings settings)
    implements Job<RebuildProof> {

  @Override
  public Forecast judge(JobListener listener, Cancellation cancellation) {
    try (StateDict original = StateDicts.open(file)) {
      MergeRequest request = request(original);
      return new MergeJob(request, target(original), settings(original))
          .judge(listener, cancellation);
    }
  }

  @Override
  public RebuildProof run(JobListener listener, Cancellation cancellation) {
    try (StateDict original = StateDicts.open(file)) {
      Progress progress = listener.progress();
      var proof = new AtomicReference<RebuildProof>();
      MergeRequest request = request(original);
      OutputTarget examined =
          target(original)
              .examined(
                  made -> proof.set(Rebuilding.prove(original, made, progress, cancellation)));
      new MergeJob(request, examined, settings(original)).run(listener, cancellation);
      return Objects.requireNonNull(proof.get());
    }
  }

  /** Date and title are those of the original, whatever name the rebuilt file gets. */
  private JobSettings settings(StateDict original) {
    return settings.withStamp(Stamp.of(original.metadata()));
  }

  private MergeRequest request(StateDict original) {
    return Rebuilding.request(Rebuilding.recipeIn(original), folders);
  }

  private OutputTarget target(StateDict original) {
    return target
        .get()
        .orElseGet(() -> OutputTarget.of(beside(original), true).discarded())
        .refuseInputs(original.files());
  }

  /** A name beside the original that nothing will ever have. */
  private Path beside(StateDict original) {
    String extension = original.container() == Container.SAFETENSORS ? ".safetensors" : ".ckpt";
    return file.resolveSibling(file.getFileName() + ".rebuilt" + extension);
  }
}
