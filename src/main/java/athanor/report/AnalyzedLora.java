package athanor.report;

import athanor.analysis.LoraFigures;
import athanor.analysis.RoundingSample;
import athanor.job.AnalysisReport;
import athanor.tensor.DType;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What one LoRA does.
 *
 * @param file its name
 * @param ratio its ratio
 * @param norm Frobenius norm of everything it adds, at its ratio
 * @param loudness that norm relative to the norm of the weights that any of the LoRAs changes
 * @param balancedRatio the ratio that would make all LoRAs equally loud and the sum of their
 *     energies what it is
 * @param tensors how many tensors it adds to
 * @param deadTensors to how many of those it adds nothing
 * @param concentratedTensors in how many of those one direction carries nearly everything
 * @param unmeasuredModules modules that depend on the weight, and are in no figure
 * @param rank the largest; 0 without factors
 * @param effectiveRank how many directions it uses, on average
 * @param kept what truncation to a rank would keep
 * @param stored what number formats leave of it
 */
public record AnalyzedLora(
    String file,
    double ratio,
    double norm,
    Optional<Double> loudness,
    double balancedRatio,
    int tensors,
    int deadTensors,
    int concentratedTensors,
    int unmeasuredModules,
    int rank,
    double effectiveRank,
    List<Kept> kept,
    List<Stored> stored) {

  /**
   * A truncation.
   *
   * @param rank to this rank
   * @param share of the energy that is kept, 0 to 1
   */
  public record Kept(int rank, double share) {}

  /**
   * A number format, from a sample of the weights.
   *
   * @param type such as {@code bf16}
   * @param survives the share of the change that is in the rounded result
   * @param unchanged the share of weights that are stored as if nothing had been merged
   */
  public record Stored(String type, double survives, double unchanged) {
    private static Stored of(Map.Entry<DType, RoundingSample.Sums> entry) {
      return new Stored(
          entry.getKey().name().toLowerCase(Locale.ROOT),
          entry.getValue().survival(),
          entry.getValue().unchanged());
    }
  }

  static AnalyzedLora of(AnalysisReport report, int lora) {
    LoraFigures figures = report.analysis().loras().get(lora);
    double ratio = report.ratios().get(lora);
    return new AnalyzedLora(
        report.loras().get(lora),
        ratio,
        report.analysis().whole().norm(lora),
        AnalyzedArea.known(report.analysis().whole().loudness(lora)),
        ratio * figures.balanced(),
        figures.tensors(),
        figures.dead().size(),
        figures.concentrated().size(),
        figures.dependent(),
        figures.rank(),
        figures.effectiveRank(),
        figures.kept().entrySet().stream()
            .map(entry -> new Kept(entry.getKey(), entry.getValue()))
            .toList(),
        figures.rounding().entrySet().stream().map(Stored::of).toList());
  }
}
