package athanor.merge.engine;

import athanor.delta.Change;
import athanor.merge.plan.TensorPlan;
import athanor.tensor.Rows;
import athanor.tensor.Shape;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Cuts a tensor into blocks, nowhere between rows that a transform needs at once. */
final class BlockCuts {
  /** Floats of a row that exist while a transform works: the block, its copies, its bytes. */
  private static final long COPIES = 5;

  private BlockCuts() {}

  /**
   * Columns of the rows that are cut; 1 where nothing is changed, since rows do not matter then.
   */
  static int columns(TensorPlan plan) {
    return plan.changes().isEmpty() ? 1 : Math.toIntExact(plan.output().shape().columns());
  }

  /** The blocks of a tensor, in its order. */
  static List<Rows.Run> of(TensorPlan plan) {
    Shape shape = plan.output().shape();
    long rows = plan.changes().isEmpty() ? shape.elementCount() : shape.rows();
    int step = BlockBuffers.rowsPerBlock(columns(plan));
    List<Rows.Run> together = together(plan.changes());
    List<Rows.Run> cuts = new ArrayList<>();
    int next = 0;
    long end;
    for (long first = 0; first < rows; first = end) {
      end = Math.min(rows, first + step);
      while (next < together.size() && together.get(next).end() <= first) {
        next++;
      }
      int at = next;
      while (at < together.size() && together.get(at).end() <= end) {
        at++;
      }
      if (at < together.size() && together.get(at).first() < end) {
        Rows.Run whole = together.get(at);
        end = whole.first() > first ? whole.first() : whole.end();
      }
      cuts.add(new Rows.Run(first, end - first));
    }
    return cuts;
  }

  /** Heap that blocks take beyond the usual, because of rows that must stay together. */
  static long bytesTogether(TensorPlan plan) {
    boolean anyTransform =
        plan.changes().stream().anyMatch(change -> change instanceof Change.Transform);
    long copies = (anyTransform ? COPIES : 0) + operands(plan);
    if (copies == 0) {
      return 0;
    }
    long highest = of(plan).stream().mapToLong(Rows.Run::count).max().orElse(0);
    return copies * Float.BYTES * highest * plan.output().shape().columns();
  }

  /** Values that are at hand at once for each value that is combined, beside the block itself. */
  private static long operands(TensorPlan plan) {
    return plan.changes().stream()
        .mapToLong(change ->
            change instanceof Change.Combine combine ? 2 + 2L * combine.parts().size() : 0)
        .sum();
  }

  /** Those blocks that have rows in common with some. */
  static List<Rows.Run> touching(Rows rows, List<Rows.Run> cuts) {
    return cuts.stream()
        .filter(cut -> rows.runs().stream().anyMatch(run -> run.intersect(cut).count() > 0))
        .toList();
  }

  /** Stretches of the tensor that must not be cut, disjoint and ascending. */
  private static List<Rows.Run> together(List<Change> changes) {
    List<Rows.Run> stretches = new ArrayList<>();
    for (Change change : changes) {
      if (change instanceof Change.Transform transform) {
        int size = TransformStep.rowsTogether(transform);
        if (size > 1) {
          addGroups(transform.rows(), size, stretches);
        }
      } else if (change instanceof Change.Combine combine) {
        int size = combine.rule().rowsTogether(combine.place().shape());
        if (size > 1) {
          addGroups(combine.rows(), size, stretches);
        }
      }
    }
    stretches.sort(Comparator.comparingLong(Rows.Run::first));
    List<Rows.Run> joined = new ArrayList<>();
    for (Rows.Run stretch : stretches) {
      Rows.Run last = joined.isEmpty() ? null : joined.getLast();
      if (last != null && stretch.first() < last.end()) {
        long end = Math.max(last.end(), stretch.end());
        joined.set(joined.size() - 1, new Rows.Run(last.first(), end - last.first()));
      } else {
        joined.add(stretch);
      }
    }
    return joined;
  }

  /** From the lowest to the highest row of each group of so many rows. */
  private static void addGroups(Rows rows, int size, List<Rows.Run> stretches) {
    long lowest = 0;
    long highest = 0;
    long taken = 0;
    for (Rows.Run run : rows.runs()) {
      for (long at = run.first(); at < run.end(); ) {
        long count = Math.min(size - taken, run.end() - at);
        lowest = taken == 0 ? at : Math.min(lowest, at);
        highest = taken == 0 ? at + count : Math.max(highest, at + count);
        taken += count;
        at += count;
        if (taken == size) {
          stretches.add(new Rows.Run(lowest, highest - lowest));
          taken = 0;
        }
      }
    }
    if (taken > 0) {
      stretches.add(new Rows.Run(lowest, highest - lowest));
    }
  }
}
