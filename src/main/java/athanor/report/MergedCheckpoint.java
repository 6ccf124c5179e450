package athanor.report;

import athanor.job.MergeReport;
import athanor.job.PreparedMerge;
import athanor.merge.plan.MergePlan;
import java.util.List;
import java.util.Optional;

/**
 * A checkpoint that was made.
 *
 * @param output the file
 * @param architecture such as {@code SD 1.x}
 * @param bytes its size
 * @param tensors number of its tensors
 * @param mergedTensors how many of them LoRAs changed, or other checkpoints were combined with
 * @param seconds of the whole run
 * @param vae the file whose VAE it has, if that was asked for
 * @param fixedPositions number of position id tensors that were put right
 * @param mix the checkpoints that were combined with the base, if there are any
 * @param loras the LoRAs that went into it
 * @param tensorsText the numbers of tensors in words
 * @param edits what else was changed, in sentences
 */
@LineName(value = "merge", when = "into a checkpoint")
public record MergedCheckpoint(
    String output,
    String architecture,
    long bytes,
    int tensors,
    int mergedTensors,
    double seconds,
    Optional<String> vae,
    int fixedPositions,
    Optional<List<MixedCheckpoint>> mix,
    List<AppliedLora> loras,
    @ForText String tensorsText,
    @ForText List<String> edits)
    implements Result {

  /** What a finished merge made. */
  public static MergedCheckpoint of(PreparedMerge merge, MergeReport report) {
    MergePlan plan = report.plan();
    return new MergedCheckpoint(
        report.output().toString(),
        merge.architecture().label(),
        report.bytes(),
        plan.tensors().size(),
        plan.merged(),
        report.elapsed().toMillis() / 1e3,
        merge.edits().vae().map(vae -> vae.file().name()),
        merge.edits().positionIds().size(),
        Optional.of(MixedCheckpoint.of(plan, report.findings().differing()))
            .filter(mix -> !mix.isEmpty()),
        AppliedLora.of(plan.loras()),
        tensorsText(plan),
        merge.editSummary());
  }

  static String tensorsText(MergePlan plan) {
    String text = plan.merged() + " of " + plan.tensors().size() + " tensors merged";
    return plan.converted() == 0 ? text : text + ", " + plan.converted() + " converted";
  }
}
