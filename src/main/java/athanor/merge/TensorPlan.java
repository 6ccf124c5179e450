package athanor.merge;

import athanor.tensor.TensorInfo;
import java.util.List;

/**
 * What happens to one tensor of the result.
 *
 * @param source where its values come from; as many elements and rows as the output
 * @param output the tensor in the result, perhaps of another type
 * @param deltas what is added to it, in the order of the LoRAs; empty for most tensors
 */
public record TensorPlan(TensorSource source, TensorInfo output, List<WeightedDelta> deltas) {

  /** Copies the list. */
  public TensorPlan {
    deltas = List.copyOf(deltas);
  }

  /** Whether its bytes go into the result as they are. */
  public boolean isUntouched() {
    return deltas.isEmpty() && !isConverted();
  }

  /** Whether it is stored as another type. */
  public boolean isConverted() {
    return source.info().dtype() != output.dtype();
  }
}
