package athanor;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What a {@link Merge} made.
 *
 * @param output the file, complete and verified
 * @param bytes its size
 * @param elapsed the time that merging took, downloads not counted
 * @param loras what came of each LoRA, in order
 * @param warnings what the user should know of the result
 */
public record Merged(
    Path output, long bytes, Duration elapsed, List<Lora> loras, List<String> warnings) {

  /** Copies the lists. */
  public Merged {
    loras = List.copyOf(loras);
    warnings = List.copyOf(warnings);
  }

  /**
   * What came of a LoRA.
   *
   * @param name its file name
   * @param ratio the ratio it was merged with
   * @param applied how many of its modules were applied
   * @param modules how many it has
   */
  public record Lora(String name, double ratio, int applied, int modules) {}
}
