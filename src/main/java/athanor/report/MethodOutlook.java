package athanor.report;

import athanor.error.Problem;
import athanor.job.MethodForecast;
import java.util.Optional;

/**
 * What a method would make of LoRAs.
 *
 * @param method its name
 * @param possible whether it can merge them
 * @param made the file it would write
 * @param problem why it cannot
 * @param text the method with its parameters
 */
@LineName("method")
public record MethodOutlook(
    String method,
    boolean possible,
    @Inline Optional<Made> made,
    Optional<Problem> problem,
    @ForText String text)
    implements Result {

  /**
   * A file that could be written.
   *
   * @param rank its ranks in words
   * @param bytes of its tensors
   */
  public record Made(String rank, long bytes) {}

  /** The outlook of one method. */
  public static MethodOutlook of(MethodForecast outlook) {
    return new MethodOutlook(
        outlook.method().description().name(),
        outlook.result().isPresent(),
        outlook.result().map(result -> new Made(result.ranks().text(), result.bytes())),
        outlook.refusal(),
        outlook.method().text());
  }
}
