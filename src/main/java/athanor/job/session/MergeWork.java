package athanor.job.session;

import athanor.file.OutputTarget;
import athanor.job.JudgedInputs;
import athanor.job.MergeForecast;
import athanor.job.input.Inputs;
import athanor.job.input.KnownInput;
import athanor.merge.metadata.Stamp;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.recipe.Recipe;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What differs between merging into a checkpoint and into a LoRA. Each input is opened and judged
 * once, and again only if it has arrived since; the plan is made once for inputs that are judged.
 *
 * @param <M> the judged inputs
 */
abstract sealed class MergeWork<M extends JudgedInputs> implements AutoCloseable
    permits CheckpointWork, LoraWork {
  private final Recipe recipe;
  private final Place place;
  private final Set<Path> arrived = new HashSet<>();
  private @Nullable M inputs;

  /**
   * Where it happens.
   *
   * @param inputs opens the files
   * @param target where the result goes
   * @param listener hears it
   * @param threads number of workers
   * @param cancellation stops it
   * @param stamp date and title of the result
   */
  record Place(
      Inputs inputs,
      OutputTarget target,
      JobListener listener,
      int threads,
      Cancellation cancellation,
      Stamp stamp) {}

  MergeWork(Recipe recipe, Place place) {
    this.recipe = recipe;
    this.place = place;
  }

  final Recipe recipe() {
    return recipe;
  }

  final Place place() {
    return place;
  }

  /** From now on the file of this path is on this computer. */
  final void arrived(Path file) {
    arrived.add(file);
  }

  /**
   * The inputs, judged from the files as they are at hand.
   *
   * @throws athanor.error.AthanorException if a file cannot be read, or the base is none
   */
  final M inputs() {
    M known = inputs;
    M judged =
        known == null
            ? open(recipe, place.inputs())
            : arrived.isEmpty() ? known : again(known, arrived::contains);
    arrived.clear();
    inputs = judged;
    return judged;
  }

  abstract M open(Recipe recipe, Inputs files);

  abstract M again(M earlier, Predicate<Path> hasArrived);

  /**
   * Returns if the merge can be done, as far as its inputs are known.
   *
   * @return what it takes, as far as that shows without reading values
   * @throws athanor.error.AthanorException if something does not fit
   */
  abstract Optional<MergeForecast> preview();

  /**
   * What the merge takes.
   *
   * @throws athanor.error.AthanorException if it cannot be done
   */
  abstract MergeForecast forecast(Progress progress);

  /** Whether the output is the result of this very merge already. */
  abstract boolean isDone();

  /** Tells what the user should know before the work. */
  abstract void warn();

  /** Merges, and tells what was done. */
  abstract MergeResult run(Progress progress, Supplier<List<KnownInput>> known);

  @Override
  public final void close() {
    if (inputs != null) {
      inputs.close();
    }
  }
}
