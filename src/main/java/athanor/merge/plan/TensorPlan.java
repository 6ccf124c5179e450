package athanor.merge.plan;

import athanor.delta.Change;
import athanor.tensor.TensorInfo;
import java.util.List;

/**
 * What happens to one tensor of the result.
 *
 * @param source where its values come from; as many elements and rows as the output
 * @param output the tensor in the result, perhaps of another type
 * @param changes what happens to it, in order; empty for most tensors
 */
public record TensorPlan(TensorSource source, TensorInfo output, List<Change> changes) {

  /** Copies the list. */
  public TensorPlan {
    changes = List.copyOf(changes);
  }

  /** Whether its bytes go into the result as they are. */
  public boolean isUntouched() {
    return changes.isEmpty() && !isConverted();
  }

  /** Whether it is stored as another type. */
  public boolean isConverted() {
    return source.info().dtype() != output.dtype();
  }
}
