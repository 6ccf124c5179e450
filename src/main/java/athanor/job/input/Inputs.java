package athanor.job.input;

import athanor.format.StateDicts;
import athanor.recipe.InputOrigin;
import athanor.tensor.StateDict;
import java.nio.file.Path;
import java.util.function.Consumer;

/** Opens the files that a recipe names, wherever their bytes are. */
public interface Inputs {
  /** Files of this computer. */
  Inputs LOCAL = StateDicts::open;

  /**
   * Opens a file; the caller closes the result.
   *
   * @param file as the recipe names it
   * @param notes receives oddities that do no harm
   * @throws athanor.error.AthanorException as {@link StateDicts#open(Path, Consumer)}; of kind
   *     NETWORK if it is elsewhere and its bytes cannot be had
   */
  StateDict open(Path file, Consumer<String> notes);

  /** What is known of a file without opening it; nothing, unless it has a link or a listing. */
  default InputOrigin origin(Path file) {
    return InputOrigin.UNKNOWN;
  }
}
