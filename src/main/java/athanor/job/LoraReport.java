package athanor.job;

import athanor.merge.lora.ModuleChanges;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What a finished job did whose result is a LoRA.
 *
 * @param output the written file
 * @param bytes its size
 * @param bytesBefore the size of what it was made from
 * @param elapsed the time of the whole run, made durable
 * @param result its low-rank modules with their errors
 * @param warnings things the user should know
 */
public record LoraReport(
    Path output,
    long bytes,
    long bytesBefore,
    Duration elapsed,
    ModuleChanges result,
    List<String> warnings) {

  /** Copies the list. */
  public LoraReport {
    warnings = List.copyOf(warnings);
  }
}
