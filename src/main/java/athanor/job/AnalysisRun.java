package athanor.job;

import athanor.analysis.Analysis;
import athanor.analysis.BaseWeights;
import athanor.analysis.Measurement;
import athanor.analysis.Measuring;
import athanor.analysis.Meeting;
import athanor.analysis.Meetings;
import athanor.analysis.RoundingSample;
import athanor.delta.Arithmetic;
import athanor.error.Problem;
import athanor.kernel.Kernels;
import athanor.merge.lora.ModulePool;
import athanor.merge.plan.PlannedLora;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.tensor.DType;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Measures what the LoRAs of a judged merge do. Results are the same for any number of threads.
 *
 * @param kernels the inner loops
 * @param threads number of workers, at least 1
 * @param progress told of every tensor
 * @param cancellation looked at before every tensor
 */
public record AnalysisRun(
    Kernels kernels, int threads, Progress progress, Cancellation cancellation) {

  /**
   * Measures the LoRAs that fit.
   *
   * @throws athanor.error.AthanorException with the first refusal if one does not fit; of kind
   *     BAD_FILE if values cannot be read
   */
  public AnalysisReport run(JudgedInputs inputs) {
    inputs
        .refusal()
        .ifPresent(problem -> {
          throw problem.toException();
        });
    List<PlannedLora> loras = inputs.fitting();
    Meetings meetings = Meetings.of(loras);
    if (meetings.all().isEmpty()) {
      throw Problem.incompatible("there is nothing to measure")
          .found("modules that depend on the weight they change")
          .help("bake them into the base first: athanor merge --base BASE LORA --out FILE")
          .toException();
    }
    Optional<BaseWeights> base =
        inputs instanceof PreparedMerge merge
            ? Optional.of(new BaseWeights(merge.base(), kernels))
            : Optional.empty();
    var pool = new ModulePool(threads, progress, cancellation);
    List<Measured> measured =
        pool.map(
            "analyzing",
            meetings.all(),
            meeting -> bytes(meeting),
            meeting -> measure(meeting, base));
    Analysis analysis =
        Analysis.of(
            meetings.dependent(),
            measured.stream().map(Measured::measurement).toList(),
            measured.stream().map(Measured::base).toList(),
            base.isEmpty()
                ? Collections.emptyList()
                : measured.stream().map(Measured::rounding).toList());
    return new AnalysisReport(
        base.map(weights -> weights.checkpoint().name()),
        loras.stream().map(lora -> lora.match().file().name()).toList(),
        loras.stream().map(lora -> lora.strength().ratio()).toList(),
        analysis);
  }

  private record Measured(
      Measurement measurement, double base, List<Map<DType, RoundingSample.Sums>> rounding) {}

  private Measured measure(Meeting meeting, Optional<BaseWeights> base) {
    return new Measured(
        Measuring.with(kernels).measure(meeting),
        base.map(weights -> weights.energy(meeting.key())).orElse(0.0),
        base.map(weights -> new RoundingSample(weights, Arithmetic.float32(kernels)).of(meeting))
            .orElse(List.of()));
  }

  private static long bytes(Meeting meeting) {
    return meeting.parts().stream().mapToLong(part -> part.add().loadedBytes()).sum();
  }
}
