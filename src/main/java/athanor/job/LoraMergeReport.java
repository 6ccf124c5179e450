package athanor.job;

import athanor.merge.lora.writing.LoraWriter;
import athanor.merge.method.LoraMergePlan;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What a finished merge of LoRAs did.
 *
 * @param output the written file
 * @param written its size and hashes
 * @param elapsed the time of the whole run, made durable
 * @param plan what was written; its approximation is complete
 * @param warnings things the user should know
 */
public record LoraMergeReport(
    Path output,
    LoraWriter.Written written,
    Duration elapsed,
    LoraMergePlan plan,
    List<String> warnings) {

  /** Copies the list. */
  public LoraMergeReport {
    warnings = List.copyOf(warnings);
  }
}
