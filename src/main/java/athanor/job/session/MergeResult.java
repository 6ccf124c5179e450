package athanor.job.session;

import athanor.job.input.KnownInput;
import athanor.merge.plan.PlannedLora;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a merge made.
 *
 * @param output the written file
 * @param bytes its size
 * @param elapsed the time that it took, made durable
 * @param loras what came of each LoRA, in order, without those that were left out
 * @param warnings what the user should know of the result
 * @param inputs what is known of the inputs, in the order of the request
 * @param sha256 of the result, if the target asked for it
 */
public record MergeResult(
    Path output,
    long bytes,
    Duration elapsed,
    List<Applied> loras,
    List<String> warnings,
    List<KnownInput> inputs,
    Optional<String> sha256) {

  /** Copies the lists. */
  public MergeResult {
    loras = List.copyOf(loras);
    warnings = List.copyOf(warnings);
    inputs = List.copyOf(inputs);
  }

  /**
   * What came of a LoRA.
   *
   * @param name its file name
   * @param ratio the ratio that was asked for
   * @param applied how many of its modules were applied
   * @param modules how many it has
   */
  public record Applied(String name, double ratio, int applied, int modules) {
    static Applied of(PlannedLora lora) {
      return new Applied(
          lora.match().file().name(),
          lora.strength().ratio(),
          lora.applied(),
          lora.match().total());
    }
  }
}
