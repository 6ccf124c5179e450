package athanor.web.bench;

import athanor.error.Problem;
import athanor.report.Download;
import athanor.report.Forecast;
import athanor.report.Result;
import athanor.report.Shown;
import java.util.List;
import java.util.Optional;

/**
 * Whether the inputs fit, as far as that is known.
 *
 * @param running whether more is to come
 * @param items the number of the input that each line of {@code loras} is about
 * @param base the base, as {@code check} prints it
 * @param loras each LoRA, as {@code check} prints it
 * @param downloads the inputs that are links
 * @param forecast what the result takes
 * @param warnings what the user should know
 * @param problem what is in the way
 */
public record Verdict(
    boolean running,
    List<Integer> items,
    Optional<Result> base,
    List<Result> loras,
    List<Download> downloads,
    Optional<Forecast> forecast,
    List<String> warnings,
    Optional<Problem> problem)
    implements Shown {

  static Verdict of(
      boolean running, List<Integer> items, Hearing hearing, Optional<Problem> problem) {
    Hearing.Heard heard = hearing.heard();
    return new Verdict(
        running,
        items,
        heard.base(),
        heard.rows(),
        heard.downloads(),
        heard.forecast(),
        heard.warnings(),
        problem);
  }

  /** Whether every input is on this computer. */
  boolean isAllHere() {
    return downloads.stream().allMatch(Download::here);
  }
}
