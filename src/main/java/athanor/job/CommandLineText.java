package athanor.job;

import athanor.recipe.LoraInput;
import java.nio.file.Path;
import java.util.List;

/** Commands as a person would type them. */
final class CommandLineText {
  private CommandLineText() {}

  /** The command that merges LoRAs exactly. */
  static String merge(List<LoraInput> inputs, Path output) {
    var text = new StringBuilder("athanor merge");
    for (LoraInput input : inputs) {
      text.append(' ').append(quoted(input.file() + "@" + ratio(input.ratio())));
    }
    return text.append(" --out ").append(quoted(output.toString())).toString();
  }

  private static String ratio(double ratio) {
    return ratio == Math.rint(ratio) && Math.abs(ratio) < 1e15
        ? Long.toString((long) ratio)
        : Double.toString(ratio);
  }

  private static String quoted(String word) {
    return word.matches("[\\p{L}\\p{N}@%+=:,./_\\\\-]+")
        ? word
        : "'" + word.replace("'", "'\\''") + "'";
  }
}
