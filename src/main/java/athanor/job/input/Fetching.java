package athanor.job.input;

import athanor.hub.Fetched;
import athanor.progress.Progress;
import athanor.recipe.LoraInput;
import athanor.recipe.Recipe;
import java.util.List;
import java.util.function.Consumer;

/**
 * Brings the inputs of a merge that were given as links: verdict first, then the LoRAs, the verdict
 * again, now from their values too, and the large files last. What does not fit stops it before the
 * next download.
 *
 * @param inputs the inputs
 * @param progress told of the advance of each download
 * @param arrivals told of each file that is here
 */
public record Fetching(RemoteInputs inputs, Progress progress, Consumer<RemoteInput> arrivals) {
  /** Judges the inputs as far as they are known. */
  public interface Verdict {
    /**
     * Returns if the merge can be done.
     *
     * @param first whether this is the verdict from the structures alone
     * @throws athanor.error.AthanorException if something does not fit
     */
    void judge(boolean first);
  }

  /**
   * Fetches everything.
   *
   * @throws athanor.error.AthanorException of kind NETWORK if the bytes of an input cannot be had;
   *     what {@code verdict} throws; as {@link RemoteInputs#fetch}
   */
  public void run(Recipe recipe, Verdict verdict) {
    inputs
        .refusal()
        .ifPresent(problem -> {
          throw problem.toException();
        });
    List<RemoteInput> loras =
        recipe.loras().stream()
            .map(LoraInput::file)
            .flatMap(file -> inputs.at(file).stream())
            .distinct()
            .toList();
    List<RemoteInput> others =
        inputs.all().stream().filter(input -> !loras.contains(input)).toList();
    judge(verdict, true);
    boolean moved = false;
    for (RemoteInput lora : loras) {
      moved |= fetch(lora);
    }
    if (moved && others.stream().anyMatch(input -> input.fetched().isEmpty())) {
      judge(verdict, false);
    }
    others.forEach(this::fetch);
  }

  private void judge(Verdict verdict, boolean first) {
    if (inputs.all().stream().noneMatch(RemoteInput::isScattered)) {
      verdict.judge(first);
    }
  }

  private boolean fetch(RemoteInput input) {
    boolean away = input.fetched().isEmpty();
    Fetched fetched = inputs.fetch(input, progress);
    arrivals.accept(input);
    return away && fetched.transferred() > 0;
  }
}
