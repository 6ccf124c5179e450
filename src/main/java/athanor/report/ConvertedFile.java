package athanor.report;

import athanor.job.ConvertReport;
import java.util.Optional;

/**
 * A file that was converted.
 *
 * @param output the file
 * @param bytes its size
 * @param bytesBefore the size of the input, all its files together
 * @param tensors number of its tensors
 * @param convertedTensors how many of them have other values or another type
 * @param droppedTensors how many tensors of the input were left out
 * @param seconds of the whole run
 * @param error how far pairs are from what they stand for; empty where all are exact
 */
@LineName("convert")
public record ConvertedFile(
    String output,
    long bytes,
    long bytesBefore,
    int tensors,
    int convertedTensors,
    int droppedTensors,
    double seconds,
    @Inline Optional<MergedLora.SumError> error)
    implements Result {

  /** What a finished conversion made. */
  public static ConvertedFile of(ConvertReport report) {
    return new ConvertedFile(
        report.output().toString(),
        report.bytes(),
        report.bytesBefore(),
        report.tensors(),
        report.converted(),
        report.dropped(),
        report.elapsed().toMillis() / 1e3,
        report.approximation().map(MergedLora.SumError::of));
  }
}
