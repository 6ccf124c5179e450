package athanor.report;

import athanor.job.LoraMergeReport;
import athanor.merge.lora.LoraRanks;
import athanor.merge.lora.sum.Approximation;
import athanor.merge.method.LoraMergePlan;
import java.util.List;
import java.util.Optional;

/**
 * A LoRA that was made of LoRAs.
 *
 * @param output the file
 * @param architecture such as {@code SD 1.x}
 * @param method how they were merged
 * @param rank its ranks in words
 * @param dtype its stored type
 * @param modules number of its modules
 * @param bytes its size
 * @param seconds of the whole run
 * @param sshsModelHash kohya's hash of its tensors
 * @param error how far it is from the exact sum; empty where it is exact
 * @param loras what went into it
 * @param description all that in words
 */
@LineName(value = "merge", when = "into a LoRA")
public record MergedLora(
    String output,
    String architecture,
    String method,
    String rank,
    String dtype,
    int modules,
    long bytes,
    double seconds,
    Optional<String> sshsModelHash,
    @Inline Optional<SumError> error,
    List<AppliedLora> loras,
    @ForText String description)
    implements Result {

  /**
   * How far a file is from the exact sum.
   *
   * @param relativeError ‖difference‖ / ‖sum‖ over all modules
   * @param worstModule the module with the largest error
   * @param worstRelativeError its error
   */
  public record SumError(double relativeError, String worstModule, double worstRelativeError) {
    static SumError of(Approximation error) {
      return new SumError(
          error.relativeError(), error.worst().module(), error.worst().relativeError());
    }
  }

  /** What a finished merge made. */
  public static MergedLora of(LoraMergeReport report) {
    LoraMergePlan plan = report.plan();
    return new MergedLora(
        report.output().toString(),
        plan.architecture().label(),
        plan.method().description().name(),
        LoraRanks.of(plan.modules()).text(),
        plan.dtype().familiarName(),
        plan.modules().size(),
        report.written().bytes(),
        report.elapsed().toMillis() / 1e3,
        report.written().hash().map(hash -> hash.model()),
        plan.approximation().map(SumError::of),
        AppliedLora.of(plan.loras()),
        description(plan));
  }

  static String description(LoraMergePlan plan) {
    return plan.architecture().label()
        + ", "
        + plan.method().text()
        + ", rank "
        + LoraRanks.of(plan.modules()).text()
        + ", "
        + plan.dtype().familiarName()
        + ", "
        + plan.modules().size()
        + " modules";
  }
}
