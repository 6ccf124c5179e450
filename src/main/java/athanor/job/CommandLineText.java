package athanor.job;

import athanor.recipe.LoraInput;
import athanor.recipe.Numbers;
import java.nio.file.Path;
import java.util.List;

/** Commands as a person would type them. */
final class CommandLineText {
  private CommandLineText() {}

  /** The command that merges LoRAs exactly. */
  static String merge(List<LoraInput> inputs, Path output) {
    var text = new StringBuilder("athanor merge");
    for (LoraInput input : inputs) {
      text.append(' ').append(quoted(input.file() + "@" + Numbers.text(input.ratio())));
    }
    return text.append(" --out ").append(quoted(output.toString())).toString();
  }

  private static String quoted(String word) {
    return word.matches("[\\p{L}\\p{N}@%+=:,./_\\\\-]+")
        ? word
        : "'" + word.replace("'", "'\\''") + "'";
  }
}
