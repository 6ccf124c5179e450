package athanor.merge.engine;

import athanor.delta.Arithmetic;
import athanor.delta.Change;
import athanor.tensor.Rows;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Turns the changes of one tensor into steps, in an order that never depends on threads. */
final class Steps {
  private Steps() {}

  /** What deltas must have in common to be one product. */
  private record Spot(Rows rows, int columns, boolean transposed) {
    static Spot of(Change.Add add) {
      return new Spot(add.rows(), add.place().columns(), add.place().transposed());
    }
  }

  /**
   * Loads what happens to a tensor, in the order of its changes. Where several additions follow one
   * another in float32, those that can be stacked become one product for each set of rows and
   * columns, and the others follow: their sum is the same. In lower precisions, where it is not,
   * every addition is a step of its own.
   */
  static List<Step> load(List<Change> changes, Arithmetic arithmetic, BlockBuffers buffers) {
    List<Step> steps = new ArrayList<>();
    List<Change.Add> adds = new ArrayList<>();
    for (Change change : changes) {
      switch (change) {
        case Change.Add add -> adds.add(add);
        case Change.Transform transform -> {
          addSum(adds, arithmetic, buffers, steps);
          adds.clear();
          steps.add(TransformStep.load(transform, arithmetic, buffers));
        }
        case Change.Combine combine -> {
          addSum(adds, arithmetic, buffers, steps);
          adds.clear();
          steps.add(CombineStep.load(combine, arithmetic, buffers));
        }
      }
    }
    addSum(adds, arithmetic, buffers, steps);
    return steps;
  }

  private static void addSum(
      List<Change.Add> adds, Arithmetic arithmetic, BlockBuffers buffers, List<Step> steps) {
    Map<Spot, List<Change.Add>> stacks = new LinkedHashMap<>();
    List<Change.Add> others = new ArrayList<>();
    for (Change.Add add : adds) {
      if (arithmetic.isFull() && add.delta().stackable().isPresent()) {
        stacks.computeIfAbsent(Spot.of(add), spot -> new ArrayList<>()).add(add);
      } else {
        others.add(add);
      }
    }
    stacks.values().forEach(stack -> steps.add(ProductStep.load(stack, arithmetic.kernels())));
    others.forEach(add -> steps.add(AddStep.load(add, arithmetic, buffers)));
  }
}
