package athanor.report;

import athanor.job.LoraMergeRun;
import athanor.job.MergeRun;
import java.nio.file.Path;

/**
 * What a merge would write.
 *
 * @param output the file
 * @param bytes its size
 * @param freeBytes free space where it would go
 * @param memoryBytes memory that the merge needs at most
 * @param what the result in words
 */
@LineName("forecast")
public record Forecast(
    String output, long bytes, long freeBytes, long memoryBytes, @ForText What what)
    implements Result {

  /** The result in words. */
  public sealed interface What {
    /**
     * A checkpoint.
     *
     * @param tensors its tensors in words
     */
    record Checkpoint(String tensors) implements What {}

    /**
     * A LoRA.
     *
     * @param description architecture, method, rank, type and modules in words
     */
    record Lora(String description) implements What {}
  }

  /** The forecast of a merge into a checkpoint. */
  public static Forecast of(MergeRun.Forecast forecast, Path output) {
    return new Forecast(
        output.toString(),
        forecast.layout().size(),
        forecast.freeBytes(),
        forecast.memoryBytes(),
        new What.Checkpoint(MergedCheckpoint.tensorsText(forecast.plan())));
  }

  /** The forecast of a merge into a LoRA. */
  public static Forecast of(LoraMergeRun.Forecast forecast, Path output) {
    return new Forecast(
        output.toString(),
        forecast.bytes(),
        forecast.freeBytes(),
        forecast.memoryBytes(),
        new What.Lora(MergedLora.description(forecast.plan())));
  }
}
