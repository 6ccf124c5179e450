package athanor.merge.engine;

import athanor.delta.Arithmetic;
import athanor.delta.Change;
import athanor.delta.LoadedTransform;
import athanor.delta.Placement;
import athanor.delta.RowTransform.FirstPass;
import athanor.delta.Transposed;
import athanor.tensor.Rows;
import java.util.ArrayList;
import java.util.List;

/**
 * One transform. Its rows are brought together as the module counts them, out of as many runs as
 * they lie in; a transposed weight is turned over for it and back. Its result is rounded to the
 * precision of the pass.
 */
final class TransformStep implements Step {
  private final Change.Transform change;
  private final Arithmetic arithmetic;
  private final BlockBuffers buffers;
  private final LoadedTransform transform;

  /** A stretch of the block: rows of the change, and where they begin in the block. */
  private record Stretch(int from, int to, int offset) {}

  private TransformStep(
      Change.Transform change,
      Arithmetic arithmetic,
      BlockBuffers buffers,
      LoadedTransform transform) {
    this.change = change;
    this.arithmetic = arithmetic;
    this.buffers = buffers;
    this.transform = transform;
  }

  static TransformStep load(Change.Transform change, Arithmetic arithmetic, BlockBuffers buffers) {
    return new TransformStep(
        change, arithmetic, buffers, change.transform().load(change.place().shape(), arithmetic));
  }

  /** Rows of the tensor that must be in one block. */
  static int rowsTogether(Change.Transform change) {
    return change.place().transposed()
        ? Math.toIntExact(change.rows().count())
        : Math.max(1, change.transform().rowsTogether());
  }

  @Override
  public int firstPasses() {
    return change.transform().firstPass() == FirstPass.NONE ? 0 : 1;
  }

  @Override
  public boolean looksAtTheOriginal() {
    return change.transform().firstPass() == FirstPass.OF_THE_ORIGINAL;
  }

  @Override
  public Rows rows() {
    return change.rows();
  }

  /** Shows a block of the first pass to the transform. */
  @Override
  public void look(int pass, RowBlock block) {
    forEachGroup(
        block,
        stretches -> {
          float[] values = gather(block, stretches);
          transform.look(outputs(stretches).from(), outputs(stretches).to(), trained(values));
        });
  }

  @Override
  @SuppressWarnings({"ReferenceEquality", "ArrayEquals"}) // whether it is the same array
  public void apply(RowBlock block) {
    forEachGroup(
        block,
        stretches -> {
          float[] before = gather(block, stretches);
          float[] values = trained(before);
          if (values == before) {
            values = copyOf(before, count(stretches));
          }
          Stretch outputs = outputs(stretches);
          transform.apply(outputs.from(), outputs.to(), values);
          float[] after =
              place().transposed()
                  ? Transposed.of(values, place().outputs(), place().inputs())
                  : values;
          scatter(block, stretches, before, after);
        });
  }

  private Placement place() {
    return change.place();
  }

  /** Rows of the module's matrix: all of them where it is turned over. */
  private Stretch outputs(List<Stretch> stretches) {
    return place().transposed()
        ? new Stretch(0, place().outputs(), 0)
        : new Stretch(stretches.getFirst().from(), stretches.getLast().to(), 0);
  }

  private float[] trained(float[] values) {
    return place().transposed()
        ? Transposed.of(values, place().rows().count(), place().columns())
        : values;
  }

  private interface GroupVisitor {
    void visit(List<Stretch> stretches);
  }

  /** Visits stretches whose rows go on after one another, together. */
  private void forEachGroup(RowBlock block, GroupVisitor visitor) {
    List<Stretch> open = new ArrayList<>();
    block.forEach(
        rows(),
        (from, to, offset) -> {
          if (!open.isEmpty() && open.getLast().to() != from) {
            visitor.visit(List.copyOf(open));
            open.clear();
          }
          open.add(new Stretch(from, to, offset));
        });
    if (!open.isEmpty()) {
      visitor.visit(open);
    }
  }

  private int count(List<Stretch> stretches) {
    return (stretches.getLast().to() - stretches.getFirst().from()) * place().columns();
  }

  private float[] gather(RowBlock block, List<Stretch> stretches) {
    int width = place().columns();
    float[] values = buffers.scratch(count(stretches));
    int at = 0;
    for (Stretch stretch : stretches) {
      for (int row = 0; row < stretch.to() - stretch.from(); row++) {
        int source = stretch.offset() + row * block.columns();
        System.arraycopy(block.values(), source, values, at, width);
        at += width;
      }
    }
    return values;
  }

  private float[] copyOf(float[] values, int count) {
    float[] copy = buffers.secondScratch(count);
    System.arraycopy(values, 0, copy, 0, count);
    return copy;
  }

  /** W + strength · (f(W) − W); at strength 1 f(W) itself. */
  private void scatter(RowBlock block, List<Stretch> stretches, float[] before, float[] after) {
    int width = place().columns();
    float strength = (float) change.strength();
    int at = 0;
    for (Stretch stretch : stretches) {
      for (int row = 0; row < stretch.to() - stretch.from(); row++) {
        int target = stretch.offset() + row * block.columns();
        if (strength == 1) {
          System.arraycopy(after, at, block.values(), target, width);
        } else {
          mix(strength, before, after, at, block.values(), target, width);
        }
        at += width;
        arithmetic.kernels().round(arithmetic.precision(), block.values(), target, width);
      }
    }
  }

  private static void mix(
      float strength,
      float[] before,
      float[] after,
      int at,
      float[] target,
      int targetOffset,
      int count) {
    for (int i = 0; i < count; i++) {
      float value = before[at + i];
      target[targetOffset + i] = Math.fma(strength, after[at + i] - value, value);
    }
  }
}
