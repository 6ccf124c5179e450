package athanor.merge;

import athanor.adapter.DenseDelta;
import athanor.adapter.LowRankDelta;
import athanor.kernel.Kernels;
import athanor.merge.plan.Precision;
import athanor.tensor.Rows;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns the deltas of one tensor into loaded updates, in an order that never depends on threads.
 */
final class Updates {
  private Updates() {}

  private record Block(Rows region, long columns) {}

  /**
   * Loads what a tensor receives. In float32, low-rank deltas of the same rows become one product
   * and full differences follow; in lower precisions every delta is a step of its own, in the order
   * of the LoRAs.
   */
  static List<Update> load(List<WeightedDelta> deltas, Precision precision, Kernels kernels) {
    List<Update> updates = new ArrayList<>();
    if (precision != Precision.FLOAT) {
      for (WeightedDelta weighted : deltas) {
        updates.add(SteppedUpdate.load(weighted, precision.dtype(), kernels));
      }
      return updates;
    }
    Map<Block, List<WeightedDelta>> stacks = new LinkedHashMap<>();
    List<WeightedDelta> differences = new ArrayList<>();
    for (WeightedDelta weighted : deltas) {
      switch (weighted.delta()) {
        case LowRankDelta delta ->
            stacks
                .computeIfAbsent(
                    new Block(delta.region(), delta.columns()), block -> new ArrayList<>())
                .add(weighted);
        case DenseDelta delta -> differences.add(weighted);
      }
    }
    stacks.values().forEach(stack -> updates.add(StackedUpdate.load(stack, kernels)));
    differences.forEach(weighted -> updates.add(DenseUpdate.load(weighted, kernels)));
    return updates;
  }
}
