package athanor.merge.lora.spelling;

import athanor.kernel.Kernels;
import athanor.tensor.DType;
import athanor.tensor.Rows.Run;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;

/**
 * A factor of a pair about to be written: one of the file, some rows of one, or several put
 * together. Values are those of the file, never rounded. Immutable and thread-safe.
 */
sealed interface Factor {
  /** The type that holds every value. */
  DType dtype();

  /** {@code [rows, columns]}, or with the dimensions of a convolution behind. */
  Shape shape();

  /** The values, row-major; read anew at each call. */
  float[] values(Kernels kernels);

  /** Its number of values as it is in memory. */
  default int size() {
    return Math.toIntExact(shape().elementCount());
  }

  /** Heap that {@link #values} takes, in bytes. */
  default long memory() {
    return Float.BYTES * shape().elementCount();
  }

  /** The type of several factors in one: their own, or float32 if they differ. */
  private static DType common(List<DType> types) {
    return types.stream().distinct().count() == 1 ? types.getFirst() : DType.F32;
  }

  /** This shape with another number of rows. */
  private static Shape withRows(Shape shape, long rows) {
    long[] dims = shape.dims();
    dims[0] = rows;
    return Shape.of(dims);
  }

  /**
   * A tensor of the file as it is.
   *
   * @param source the open file
   * @param tensor the factor
   */
  record Stored(StateDict source, TensorInfo tensor) implements Factor {
    @Override
    public DType dtype() {
      return tensor.dtype();
    }

    @Override
    public Shape shape() {
      return tensor.shape();
    }

    /** Whether both are the same bytes of the same type and shape. */
    boolean hasTheBytesOf(Stored other) {
      if (!shape().equals(other.shape()) || dtype() != other.dtype()) {
        return false;
      }
      try (Arena arena = Arena.ofConfined()) {
        return read(arena).mismatch(other.read(arena)) < 0;
      }
    }

    private MemorySegment read(Arena arena) {
      MemorySegment bytes = arena.allocate(tensor.byteSize(), 64);
      source.read(tensor, 0, bytes);
      return bytes;
    }

    @Override
    public float[] values(Kernels kernels) {
      int count = tensor.elementsInMemory();
      float[] values = new float[count];
      try (Arena arena = Arena.ofConfined()) {
        kernels.toFloat(tensor.dtype(), read(arena), 0, values, 0, count);
      }
      return values;
    }
  }

  /**
   * Some rows of a factor: the query's of the left factor of a fused projection.
   *
   * @param whole the factor
   * @param runs its rows, in the order in which they are wanted
   */
  record SomeRows(Factor whole, List<Run> runs) implements Factor {
    /** Copies the list. */
    public SomeRows {
      runs = List.copyOf(runs);
    }

    @Override
    public DType dtype() {
      return whole.dtype();
    }

    @Override
    public Shape shape() {
      return withRows(whole.shape(), runs.stream().mapToLong(Run::count).sum());
    }

    @Override
    public long memory() {
      return whole.memory() + Float.BYTES * shape().elementCount();
    }

    @Override
    public float[] values(Kernels kernels) {
      float[] all = whole.values(kernels);
      float[] some = new float[size()];
      long columns = whole.shape().columns();
      int at = 0;
      for (Run run : runs) {
        int count = Math.toIntExact(run.count() * columns);
        System.arraycopy(all, Math.toIntExact(run.first() * columns), some, at, count);
        at += count;
      }
      return some;
    }
  }

  /**
   * Right factors one below the other.
   *
   * @param parts the factors, with as many columns each
   */
  record Stacked(List<Factor> parts) implements Factor {
    /** Copies the list. */
    public Stacked {
      parts = List.copyOf(parts);
    }

    @Override
    public DType dtype() {
      return common(parts.stream().map(Factor::dtype).toList());
    }

    @Override
    public Shape shape() {
      return withRows(
          parts.getFirst().shape(), parts.stream().mapToLong(part -> part.shape().rows()).sum());
    }

    @Override
    public long memory() {
      return 2 * Float.BYTES * shape().elementCount();
    }

    @Override
    public float[] values(Kernels kernels) {
      float[] all = new float[size()];
      int at = 0;
      for (Factor part : parts) {
        float[] values = part.values(kernels);
        System.arraycopy(values, 0, all, at, values.length);
        at += values.length;
      }
      return all;
    }
  }

  /**
   * Left factors side by side and below one another, zeros elsewhere.
   *
   * @param rows outputs of the fused module
   * @param rank columns
   * @param blocks the factors, no two with a row of the same columns in common
   */
  record Blocks(long rows, long rank, List<Block> blocks) implements Factor {
    /**
     * A factor in its place.
     *
     * @param factor the factor
     * @param rows the rows that are its, in its order
     * @param column the first column that is its
     */
    record Block(Factor factor, List<Run> rows, long column) {}

    /** Copies the list. */
    public Blocks {
      blocks = List.copyOf(blocks);
    }

    @Override
    public DType dtype() {
      return common(blocks.stream().map(block -> block.factor().dtype()).toList());
    }

    @Override
    public Shape shape() {
      long[] dims = blocks.getFirst().factor().shape().dims();
      long[] whole = new long[dims.length];
      Arrays.fill(whole, 1);
      whole[0] = rows;
      whole[1] = rank;
      return Shape.of(whole);
    }

    @Override
    public long memory() {
      return Float.BYTES * shape().elementCount()
          + blocks.stream().mapToLong(block -> block.factor().memory()).max().orElse(0);
    }

    @Override
    public float[] values(Kernels kernels) {
      float[] all = new float[size()];
      for (Block block : blocks) {
        float[] values = block.factor().values(kernels);
        int columns = Math.toIntExact(block.factor().shape().columns());
        int at = 0;
        for (Run run : block.rows()) {
          for (long row = run.first(); row < run.end(); row++) {
            int start = Math.toIntExact(row * rank + block.column());
            System.arraycopy(values, at, all, start, columns);
            at += columns;
          }
        }
      }
      return all;
    }
  }
}
