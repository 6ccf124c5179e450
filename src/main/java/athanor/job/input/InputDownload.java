package athanor.job.input;

import athanor.progress.Progress;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;

/**
 * Fetches the inputs of a job that were given as links, in rounds: the verdict comes before the
 * first byte, unless an input cannot be judged before it is here, and again before a later round if
 * files have arrived since. What does not fit stops it before the next download.
 *
 * @param inputs the inputs, found
 * @param progress told of the advance of each download
 * @param arrivals told of each file that is here
 */
public record InputDownload(
    RemoteInputs inputs, Progress progress, Consumer<RemoteInput> arrivals) {

  /** Judges the inputs as far as they are known. */
  public interface Verdict {
    /**
     * About the bytes that the result takes, if the inputs do; 0 if that is not known yet.
     *
     * @throws athanor.error.AthanorException if they do not
     */
    long judge();
  }

  /** Rounds: first what cannot be judged before it is here, then the smallest first. */
  public static List<List<RemoteInput>> smallestFirst(RemoteInputs inputs) {
    Comparator<RemoteInput> bySize =
        Comparator.comparingLong(input -> input.size().orElse(Long.MAX_VALUE));
    return List.of(
        inputs.all().stream().filter(RemoteInput::isScattered).sorted(bySize).toList(),
        inputs.all().stream().filter(input -> !input.isScattered()).sorted(bySize).toList());
  }

  /**
   * Fetches everything.
   *
   * @param rounds every input that is a link, in the order in which they are fetched
   * @param output where the result goes, for the room on its disk
   * @throws athanor.error.AthanorException of kind NETWORK if the bytes of an input cannot be had;
   *     of kind RESOURCES if the disk is too small; what {@code verdict} throws; as {@link
   *     RemoteInputs#fetch}
   */
  public void run(List<List<RemoteInput>> rounds, Path output, Verdict verdict) {
    inputs
        .refusal()
        .ifPresent(problem -> {
          throw problem.toException();
        });
    boolean due = true;
    for (List<RemoteInput> round : rounds) {
      if (due && !round.isEmpty()) {
        judge(output, verdict);
        due = false;
      }
      boolean moved = false;
      for (RemoteInput input : round) {
        moved |= input.fetched().isEmpty();
        inputs.fetch(input, progress);
        arrivals.accept(input);
      }
      due |= moved && inputs.all().stream().anyMatch(input -> input.fetched().isEmpty());
    }
  }

  private void judge(Path output, Verdict verdict) {
    boolean scattered = inputs.all().stream().anyMatch(RemoteInput::isScattered);
    inputs.forecast().requireSpace(output, scattered ? 0 : verdict.judge());
  }
}
