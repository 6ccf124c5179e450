package athanor.report;

import athanor.job.LoraReport;
import java.util.List;

/**
 * A LoRA that was extracted from two checkpoints.
 *
 * @param change what was made; its error is relative to all that differs
 * @param relativeErrorOfModules ‖difference‖ / ‖whole effect‖ over the modules that were taken
 * @param leftOut what differs and is not in it
 */
@LineName("extract")
public record ExtractedLora(
    @Inline LoraChange change, double relativeErrorOfModules, List<LeftOut> leftOut)
    implements Result {

  /**
   * Weights that differ and are not in the LoRA.
   *
   * @param what they are, a phrase in the plural
   * @param tensors how many
   * @param example the first
   */
  public record LeftOut(String what, int tensors, String example) {}

  /** What a finished run made. */
  public static ExtractedLora of(LoraReport report) {
    return new ExtractedLora(
        LoraChange.of(report),
        report.result().errorOfModules(),
        report.result().leftOut().stream()
            .map(one -> new LeftOut(one.what(), one.tensors(), one.example()))
            .toList());
  }
}
