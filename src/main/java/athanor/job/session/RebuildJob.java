package athanor.job.session;

import athanor.file.OutputTarget;
import athanor.format.StateDicts;
import athanor.format.TensorComparison;
import athanor.job.Rebuilding;
import athanor.job.input.InputFolders;
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
 * Makes a merged file again from the recipe inside it, and proves that every tensor is the same.
 *
 * @param file the merged file
 * @param folders where its inputs are looked for
 * @param target where the rebuilt file goes, asked when the recipe is read; empty if it is only
 *     compared
 * @param settings the world around
 */
public record RebuildJob(
    Path file, InputFolders folders, Supplier<Optional<OutputTarget>> target, JobSettings settings)
    implements Job<TensorComparison> {

  @Override
  public Forecast judge(JobListener listener, Cancellation cancellation) {
    try (StateDict original = StateDicts.open(file)) {
      MergeRequest request = request(original);
      return new MergeJob(request, target(original), settings).judge(listener, cancellation);
    }
  }

  @Override
  public TensorComparison run(JobListener listener, Cancellation cancellation) {
    try (StateDict original = StateDicts.open(file)) {
      Progress progress = listener.progress();
      var proof = new AtomicReference<TensorComparison>();
      MergeRequest request = request(original);
      OutputTarget examined =
          target(original)
              .examined(
                  made -> proof.set(Rebuilding.prove(original, made, progress, cancellation)));
      new MergeJob(request, examined, settings).run(listener, cancellation);
      return Objects.requireNonNull(proof.get());
    }
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
