package athanor.merge.method;

import athanor.kernel.Kernels;
import athanor.merge.plan.MergeOptions;
import athanor.merge.plan.PlannedLora;
import athanor.merge.plan.Precision;
import athanor.model.Architecture;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.tensor.DType;
import java.util.List;
import java.util.Optional;

/**
 * What a {@link LoraMethod} works on.
 *
 * @param architecture the architecture of all LoRAs
 * @param loras the LoRAs, in order
 * @param options the precision and the stored type that were asked for
 * @param measuring used only by methods that {@linkplain LoraMethod#needsValues need values}
 */
public record LoraContributions(
    Architecture architecture, List<PlannedLora> loras, MergeOptions options, Measuring measuring) {

  /** With what values are measured. */
  public record Measuring(
      Kernels kernels, int threads, Progress progress, Cancellation cancellation) {}

  /** Copies the list. */
  public LoraContributions {
    loras = List.copyOf(loras);
  }

  /** The stored type that was asked for. */
  Optional<DType> wantedType() {
    return options.savePrecision().map(Precision::dtype);
  }
}
