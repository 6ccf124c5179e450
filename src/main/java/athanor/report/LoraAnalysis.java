package athanor.report;

import athanor.analysis.Advice;
import athanor.job.AnalysisReport;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * What LoRAs do, alone and together.
 *
 * @param base the checkpoint they are compared with
 * @param loras each, in their order
 * @param pairs each two of them
 * @param total everything together
 * @param components the parts of the model
 * @param blocks the blocks of the model, in its order
 * @param advice rules of thumb that apply, in sentences
 */
@LineName("analysis")
public record LoraAnalysis(
    Optional<String> base,
    List<AnalyzedLora> loras,
    List<AnalyzedPair> pairs,
    AnalyzedArea total,
    List<AnalyzedArea> components,
    List<AnalyzedArea> blocks,
    List<String> advice)
    implements Result {

  /** The record of a finished analysis. */
  public static LoraAnalysis of(AnalysisReport report) {
    var analysis = report.analysis();
    return new LoraAnalysis(
        report.base(),
        IntStream.range(0, report.loras().size())
            .mapToObj(lora -> AnalyzedLora.of(report, lora))
            .toList(),
        analysis.pairs().stream().map(AnalyzedPair::of).toList(),
        AnalyzedArea.whole(analysis.whole()),
        analysis.components().entrySet().stream()
            .map(entry -> AnalyzedArea.of(entry.getKey(), entry.getValue()))
            .toList(),
        analysis.blocks().entrySet().stream()
            .map(entry -> AnalyzedArea.of(entry.getKey(), entry.getValue()))
            .toList(),
        Advice.of(analysis, report.loras()));
  }
}
