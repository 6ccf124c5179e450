package athanor.merge.lora.sum;

import athanor.delta.Change;
import athanor.delta.DenseDelta;
import athanor.model.Target;
import athanor.tensor.Shape;
import java.util.List;

/**
 * All that several LoRAs add to one module, each part in the order of the LoRAs. Parts whose factor
 * is 0 are not in it.
 *
 * @param target the module
 * @param pairs low-rank updates of its weight
 * @param differences full differences of its weight
 * @param biases differences of its bias
 */
public record ModuleSum(
    Target target, List<Change.Add> pairs, List<Change.Add> differences, List<Change.Add> biases) {

  /** Copies the lists. */
  public ModuleSum {
    pairs = List.copyOf(pairs);
    differences = List.copyOf(differences);
    biases = List.copyOf(biases);
  }

  /** Whether its weight is stored as a low-rank pair; a full difference takes up all pairs. */
  public boolean isLowRank() {
    return !pairs.isEmpty() && differences.isEmpty();
  }

  /** Whether it changes a matrix or a convolution, which a pair can approximate. */
  public boolean hasMatrix() {
    return isLowRank() || !differences.isEmpty() && target.deltaShape().rank() >= 2;
  }

  /** Whether a difference of its weight is stored in full in a file, not computed from factors. */
  public boolean hasStoredDifference() {
    return differences.stream().anyMatch(add -> add.delta() instanceof DenseDelta);
  }

  /** The differences of its bias alone. */
  public ModuleSum onlyBiases() {
    return new ModuleSum(target, List.of(), List.of(), biases);
  }

  /** Σ rᵢ: the rank of the pairs side by side. */
  public int stackedRank() {
    return pairs.stream().mapToInt(pair -> pair.delta().asLowRank().orElseThrow().rank()).sum();
  }

  /** The largest rank that the sum can have: {@link #stackedRank}, or a side of the weight. */
  public int largestRank() {
    Shape shape = target.deltaShape();
    return (int) Math.min(stackedRank(), Math.min(shape.rows(), shape.columns()));
  }

  /** Whether the weight is a convolution with a kernel larger than 1×1. */
  public boolean isSpatial() {
    Shape shape = target.deltaShape();
    return shape.rank() > 2 && shape.columns() > shape.dim(1);
  }
}
