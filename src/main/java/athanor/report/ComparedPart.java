package athanor.report;

import athanor.job.CheckpointComparison;
import java.util.List;

/**
 * How far weights of one checkpoint are from those of another.
 *
 * @param name the component or block
 * @param tensors number of weights that both have
 * @param identical number of them with the same values
 * @param relativeChange ‖B − A‖ / ‖A‖
 */
public record ComparedPart(String name, int tensors, int identical, double relativeChange) {
  static List<ComparedPart> of(List<CheckpointComparison.Part> parts) {
    return parts.stream()
        .map(part ->
            new ComparedPart(part.name(), part.tensors(), part.identical(), part.relativeChange()))
        .toList();
  }

  /** Whether all its weights have the same values in both. */
  public boolean isSame() {
    return identical == tensors;
  }
}
