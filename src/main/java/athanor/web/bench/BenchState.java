package athanor.web.bench;

import athanor.report.Shown;
import java.util.List;
import java.util.Optional;

/**
 * Everything on the page.
 *
 * @param version changes whenever anything does
 * @param folder where results go
 * @param items the inputs
 * @param extras what a recipe asks for besides, in words
 * @param check whether they fit
 * @param analysis whether it is known what the LoRAs do
 * @param command the merge as a command, if one can say it
 * @param recipe the merge as a recipe
 * @param jobs all jobs, the latest first
 * @param tokens whether there are tokens
 * @param notes what was understood of the last paste
 */
public record BenchState(
    long version,
    String folder,
    List<Item.View> items,
    List<String> extras,
    Optional<Verdict> check,
    Analyst.State analysis,
    Optional<String> command,
    Optional<String> recipe,
    List<BenchJob.View> jobs,
    List<TokenState> tokens,
    List<String> notes)
    implements Shown {
  /** What a result is called as long as nobody says otherwise. */
  static final String NAME = "mine.safetensors";
}
