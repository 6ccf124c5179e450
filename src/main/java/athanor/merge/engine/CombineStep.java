package athanor.merge.engine;

import athanor.delta.Arithmetic;
import athanor.delta.Change;
import athanor.delta.Change.Operand;
import athanor.delta.CombinedRows;
import athanor.delta.LoadedCombination;
import athanor.kernel.Kernels;
import athanor.tensor.DType;
import athanor.tensor.Rows;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * The same weight of several models, combined. Of every model the rows of the block are read where
 * the model has them, once, however many parts use them; all of it is float32 before the rule sees
 * it. In fp16 or bf16 the values and the result are rounded.
 */
final class CombineStep implements Step {
  private final Change.Combine change;
  private final Arithmetic arithmetic;
  private final BlockBuffers buffers;
  private final LoadedCombination rule;
  private final List<Source> sources = new ArrayList<>();
  private final BitSet differing = new BitSet();

  /** A model's values of the block, in the buffer of its number. */
  private interface Source {
    Operand operand();

    void read(RowBlock block, float[] target);
  }

  private CombineStep(
      Change.Combine change, Arithmetic arithmetic, BlockBuffers buffers, LoadedCombination rule) {
    this.change = change;
    this.arithmetic = arithmetic;
    this.buffers = buffers;
    this.rule = rule;
  }

  static CombineStep load(Change.Combine change, Arithmetic arithmetic, BlockBuffers buffers) {
    double[] ratios = change.parts().stream().mapToDouble(Change.Part::ratio).toArray();
    var step =
        new CombineStep(
            change,
            arithmetic,
            buffers,
            change.rule().load(change.place().shape(), ratios, arithmetic.kernels()));
    for (Change.Part part : change.parts()) {
      step.open(part.values());
      step.open(part.reference());
    }
    return step;
  }

  private void open(Operand operand) {
    if (sources.stream().noneMatch(source -> source.operand().equals(operand))) {
      switch (operand) {
        case Operand.Base _ -> {}
        case Operand.Nothing _ -> sources.add(new Zeros(operand));
        case Operand.Stored(StateDict file, TensorInfo tensor) ->
            sources.add(new StoredValues(operand, file, tensor));
        case Operand.Sum(List<Change.Add> adds) ->
            sources.add(
                new SummedValues(operand, Steps.load(List.copyOf(adds), arithmetic, buffers)));
      }
    }
  }

  @Override
  public Rows rows() {
    return change.rows();
  }

  @Override
  public int firstPasses() {
    return change.rule().firstPasses();
  }

  /** The contributions whose values are not those they are a change from, in the blocks so far. */
  BitSet differing() {
    return differing;
  }

  @Override
  public void look(int pass, RowBlock block) {
    rule.look(pass, combined(block));
  }

  @Override
  public void apply(RowBlock block) {
    CombinedRows rows = combined(block);
    for (int part = 0; part < rows.parts(); part++) {
      noteDifference(part, rows);
    }
    rule.apply(rows);
    arithmetic.kernels().round(arithmetic.precision(), rows.base(), 0, rows.count());
    if (width() < block.columns()) {
      copyRows(rows.base(), width(), block.values(), block.columns(), block.height());
    }
  }

  private void noteDifference(int part, CombinedRows rows) {
    int contribution = change.parts().get(part).contribution();
    int count = rows.count();
    if (!differing.get(contribution)
        && Arrays.mismatch(rows.values().get(part), 0, count, rows.references().get(part), 0, count)
            >= 0) {
      differing.set(contribution);
    }
  }

  private int width() {
    return change.place().columns();
  }

  private CombinedRows combined(RowBlock block) {
    int count = block.height() * width();
    float[] base = block.values();
    if (width() < block.columns()) {
      base = buffers.operand(sources.size(), count);
      copyRows(block.values(), block.columns(), base, width(), block.height());
    }
    for (int i = 0; i < sources.size(); i++) {
      sources.get(i).read(block, buffers.operand(i, count));
    }
    List<float[]> values = new ArrayList<>();
    List<float[]> references = new ArrayList<>();
    for (Change.Part part : change.parts()) {
      values.add(valuesOf(part.values(), base));
      references.add(valuesOf(part.reference(), base));
    }
    int first = Math.toIntExact(block.first());
    return new CombinedRows(first, first + block.height(), width(), base, values, references);
  }

  private float[] valuesOf(Operand operand, float[] base) {
    for (int i = 0; i < sources.size(); i++) {
      if (sources.get(i).operand().equals(operand)) {
        return buffers.operand(i, 0);
      }
    }
    return base;
  }

  /** The first columns of each row, from one width to another. */
  private static void copyRows(float[] from, int fromWidth, float[] to, int toWidth, int height) {
    int width = Math.min(fromWidth, toWidth);
    for (int row = 0; row < height; row++) {
      System.arraycopy(from, row * fromWidth, to, row * toWidth, width);
    }
  }

  private record Zeros(Operand operand) implements Source {
    @Override
    public void read(RowBlock block, float[] target) {
      Arrays.fill(target, 0);
    }
  }

  /** Rows of another checkpoint's tensor. */
  private final class StoredValues implements Source {
    private final Operand operand;
    private final StateDict file;
    private final TensorInfo tensor;
    private final int columns;

    StoredValues(Operand operand, StateDict file, TensorInfo tensor) {
      this.operand = operand;
      this.file = file;
      this.tensor = tensor;
      this.columns = columnsOf(tensor.shape(), change.rows());
    }

    @Override
    public Operand operand() {
      return operand;
    }

    @Override
    public void read(RowBlock block, float[] target) {
      Kernels kernels = arithmetic.kernels();
      DType dtype = tensor.dtype();
      int count = block.height() * columns;
      MemorySegment bytes = buffers.bytes((long) count * dtype.bytes());
      file.read(tensor, block.first() * columns * dtype.bytes(), bytes);
      if (columns == width()) {
        kernels.toFloat(dtype, bytes, 0, target, 0, count);
      } else {
        for (int row = 0; row < block.height(); row++) {
          long offset = (long) row * columns * dtype.bytes();
          kernels.toFloat(dtype, bytes, offset, target, row * width(), width());
        }
      }
      kernels.round(arithmetic.precision(), target, 0, block.height() * width());
    }
  }

  private static int columnsOf(Shape shape, Rows rows) {
    return Math.toIntExact(shape.elementCount() / Math.max(1, rows.tensorRows()));
  }

  /** What LoRAs add, computed as if it were added to zeros. */
  private record SummedValues(Operand operand, List<Step> steps) implements Source {
    @Override
    public void read(RowBlock block, float[] target) {
      int count = block.height() * block.columns();
      Arrays.fill(target, 0, count, 0);
      var zeros = new RowBlock(block.first(), block.height(), block.columns(), target);
      steps.forEach(step -> step.apply(zeros));
    }
  }
}
