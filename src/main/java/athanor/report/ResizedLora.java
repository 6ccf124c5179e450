package athanor.report;

import athanor.job.LoraReport;

/**
 * A LoRA that was given other ranks.
 *
 * @param change what was made
 */
@LineName("resize")
public record ResizedLora(@Inline LoraChange change) implements Result {
  /** What a finished run made. */
  public static ResizedLora of(LoraReport report) {
    return new ResizedLora(LoraChange.of(report));
  }
}
