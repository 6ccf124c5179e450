package athanor.job.input;

import athanor.file.OutputTarget;
import athanor.progress.Progress;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;

/**
 * Brings the inputs of a command that were given as links: the verdict as soon as the structure of
 * all of them can be read, which is before any download unless one is in PyTorch's old format; then
 * the downloads, the smallest first.
 *
 * @param inputs the inputs, found
 * @param progress told of the advance of each download
 * @param arrivals told of each file that is here
 */
public record Bringing(RemoteInputs inputs, Progress progress, Consumer<RemoteInput> arrivals) {
  /** Judges the inputs by their structure. */
  public interface Verdict {
    /**
     * About the bytes that the result takes, if the inputs do.
     *
     * @throws athanor.error.AthanorException if they do not
     */
    long judge();
  }

  /**
   * Fetches everything.
   *
   * @throws athanor.error.AthanorException of kind NETWORK if the bytes of an input cannot be had;
   *     of kind RESOURCES if the disk is too small; what {@code verdict} throws; as {@link
   *     RemoteInputs#fetch}
   */
  public void run(OutputTarget target, Verdict verdict) {
    inputs
        .refusal()
        .ifPresent(problem -> {
          throw problem.toException();
        });
    boolean judged = false;
    for (RemoteInput input : inOrder()) {
      if (!judged && inputs.all().stream().noneMatch(RemoteInput::isScattered)) {
        inputs.forecast().requireSpace(target.path(), verdict.judge());
        judged = true;
      } else if (!judged) {
        inputs.forecast().requireSpace(target.path(), 0);
      }
      inputs.fetch(input, progress);
      arrivals.accept(input);
    }
  }

  private List<RemoteInput> inOrder() {
    return inputs.all().stream()
        .sorted(
            Comparator.comparing((RemoteInput input) -> !input.isScattered())
                .thenComparingLong(input -> input.size().orElse(Long.MAX_VALUE)))
        .toList();
  }
}
