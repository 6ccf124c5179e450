package athanor.merge;

import athanor.tensor.TensorInfo;
import java.util.List;

/**
 * What happens to one tensor of the base.
 *
 * @param source the tensor in the base
 * @param output the tensor in the result: the same key and shape, perhaps another type
 * @param deltas what is added to it, in the order of the LoRAs; empty for most tensors
 */
public record TensorPlan(TensorInfo source, TensorInfo output, List<WeightedDelta> deltas) {

  /** Copies the list. */
  public TensorPlan {
    deltas = List.copyOf(deltas);
  }

  /** Whether its bytes go into the result as they are. */
  public boolean isUntouched() {
    return deltas.isEmpty() && source.dtype() == output.dtype();
  }
}
