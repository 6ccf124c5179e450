package athanor.job;

import athanor.analysis.Analysis;
import java.util.List;
import java.util.Optional;

/**
 * What LoRAs do, with their names.
 *
 * @param base the checkpoint they were compared with; empty without one
 * @param loras names of the files, in their order
 * @param ratios of each
 * @param analysis the figures
 */
public record AnalysisReport(
    Optional<String> base, List<String> loras, List<Double> ratios, Analysis analysis) {
  /** Copies the lists. */
  public AnalysisReport {
    loras = List.copyOf(loras);
    ratios = List.copyOf(ratios);
  }
}
