package athanor.job;

import athanor.merge.lora.sum.Approximation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a finished conversion did.
 *
 * @param output the written file
 * @param bytes its size
 * @param bytesBefore the size of the input, all its files together
 * @param elapsed the time of the whole run, made durable
 * @param tensors tensors of the output
 * @param converted tensors whose values or type changed
 * @param dropped tensors that were left out
 * @param approximation how far pairs are from what they stand for; empty where all are exact
 * @param warnings things the user should know
 */
public record ConvertReport(
    Path output,
    long bytes,
    long bytesBefore,
    Duration elapsed,
    int tensors,
    int converted,
    int dropped,
    Optional<Approximation> approximation,
    List<String> warnings) {

  /** Copies the list. */
  public ConvertReport {
    warnings = List.copyOf(warnings);
  }
}
