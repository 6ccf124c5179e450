package athanor.job;

import athanor.file.InputFile;
import athanor.file.OutputTarget;
import athanor.kernel.Kernels;
import athanor.merge.lora.LoraPlan;
import athanor.merge.lora.writing.LoraWriter;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The end of every command whose result is a planned LoRA: it is written and reported. */
record LoraResultWriter(
    Kernels kernels, int threads, Progress progress, Cancellation cancellation) {

  /**
   * Writes, verifies and publishes a LoRA.
   *
   * @param inputs what it is made from
   * @param bytesBefore the size of what it stands for
   * @param start when the run began
   * @param warnings said so far; the plan's notes are added
   * @throws athanor.error.AthanorException as {@link LoraWriter#write}
   */
  LoraReport write(
      OutputTarget target,
      LoraPlan plan,
      Map<String, String> metadata,
      List<InputFile> inputs,
      long bytesBefore,
      Instant start,
      List<String> warnings) {
    LoraWriter.Written written =
        new LoraWriter(kernels, threads, progress, cancellation)
            .write(target, plan.modules(), metadata, inputs, false);
    List<String> all = new ArrayList<>(warnings);
    all.addAll(plan.notes());
    return new LoraReport(
        target.path(),
        written.bytes(),
        bytesBefore,
        Duration.between(start, Instant.now()),
        plan.changes(),
        all);
  }
}
