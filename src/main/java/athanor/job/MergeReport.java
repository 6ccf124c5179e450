package athanor.job;

import athanor.merge.engine.MergeEngine;
import athanor.merge.plan.MergePlan;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a finished merge did.
 *
 * @param output the written file
 * @param bytes its size
 * @param sha256 its SHA-256, 64 hex digits, if that was asked for
 * @param elapsed the time of the whole run, made durable
 * @param plan what was done to each tensor
 * @param findings what the engine noticed
 * @param warnings things the user should know
 */
public record MergeReport(
    Path output,
    long bytes,
    Optional<String> sha256,
    Duration elapsed,
    MergePlan plan,
    MergeEngine.Findings findings,
    List<String> warnings) {

  /** Copies the list. */
  public MergeReport {
    warnings = List.copyOf(warnings);
  }
}
