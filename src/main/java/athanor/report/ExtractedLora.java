package athanor.report;

import athanor.job.LoraReport;

/**
 * A LoRA that was extracted from two checkpoints.
 *
 * @param change what was made
 */
@LineName("extract")
public record ExtractedLora(@Inline LoraChange change) implements Result {
  /** What a finished run made. */
  public static ExtractedLora of(LoraReport report) {
    return new ExtractedLora(LoraChange.of(report));
  }
}
