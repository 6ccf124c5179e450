package athanor.merge;

import athanor.file.OutputFile;
import athanor.kernel.Kernels;
import athanor.merge.plan.Precision;
import athanor.progress.Cancellation;
import athanor.tensor.DType;
import athanor.tensor.Rows;
import athanor.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.zip.CRC32;

/**
 * Carries out the plan of one tensor, block of rows by block of rows: read, widen to float32, apply
 * the updates, round once, write at the final position. Where nothing is added, rows do not matter
 * and a block is any run of elements, so that a row may be as wide as it likes. One per worker;
 * confined to its thread.
 */
final class TensorMerger {
  private final OutputFile output;
  private final Kernels kernels;
  private final Precision precision;
  private final Cancellation cancellation;
  private final BlockBuffers buffers;

  TensorMerger(
      OutputFile output,
      Kernels kernels,
      Precision precision,
      Cancellation cancellation,
      BlockBuffers buffers) {
    this.output = output;
    this.kernels = kernels;
    this.precision = precision;
    this.cancellation = cancellation;
    this.buffers = buffers;
  }

  /** What came of a tensor: its checksum and the values that could not be stored. */
  record Outcome(int crc32, long newlyNonFinite, long saturated) {}

  /** Writes the tensor of {@code item}. */
  Outcome write(WorkItem.Compute item) {
    TensorPlan plan = item.plan();
    CRC32 crc = new CRC32();
    if (plan.isUntouched()) {
      copy(plan.source(), item.position(), crc);
      return new Outcome((int) crc.getValue(), 0, 0);
    }
    List<Update> updates = Updates.load(plan.deltas(), precision, kernels);
    TensorSource source = plan.source();
    Shape shape = plan.output().shape();
    int columns = updates.isEmpty() ? 1 : Math.toIntExact(shape.columns());
    long rows = updates.isEmpty() ? shape.elementCount() : shape.rows();
    int step = BlockBuffers.rowsPerBlock(columns);
    long newlyNonFinite = 0;
    long saturated = 0;
    for (long first = 0; first < rows; first += step) {
      cancellation.check();
      int height = (int) Math.min(step, rows - first);
      int count = height * columns;
      float[] values = readBlock(source, first, columns, count);
      if (precision != Precision.FLOAT && !updates.isEmpty()) {
        kernels.round(precision.dtype(), values, 0, count);
      }
      for (Update update : updates) {
        applyTo(update, first, height, values, columns);
      }
      Unstorable bad = writeBlock(plan, item.position(), first, columns, count, values, crc);
      newlyNonFinite += bad.nonFinite();
      saturated += bad.saturated();
    }
    return new Outcome((int) crc.getValue(), newlyNonFinite, saturated);
  }

  private float[] readBlock(TensorSource source, long firstRow, int columns, int count) {
    DType dtype = source.info().dtype();
    int width = dtype.bytes();
    MemorySegment bytes = buffers.bytes((long) count * width);
    source.read(firstRow * columns * width, bytes);
    float[] values = buffers.values(count);
    kernels.toFloat(dtype, bytes, 0, values, 0, count);
    return values;
  }

  /** Applies the rows that the update and the block have in common. */
  private void applyTo(Update update, long firstRow, int height, float[] values, int columns) {
    Rows.Run block = new Rows.Run(firstRow, height);
    long before = 0;
    for (Rows.Run run : update.rows().runs()) {
      Rows.Run common = run.intersect(block);
      if (common.count() > 0) {
        int from = (int) (before + common.first() - run.first());
        update.apply(
            kernels,
            from,
            from + (int) common.count(),
            values,
            (int) (common.first() - firstRow) * columns,
            columns,
            buffers);
      }
      before += run.count();
    }
  }

  private record Unstorable(long nonFinite, long saturated) {
    static final Unstorable NONE = new Unstorable(0, 0);
  }

  private Unstorable writeBlock(
      TensorPlan plan,
      long position,
      long firstRow,
      int columns,
      int count,
      float[] values,
      CRC32 crc) {
    DType dtype = plan.output().dtype();
    MemorySegment bytes = buffers.bytes((long) count * dtype.bytes());
    long unstorable = kernels.fromFloat(values, 0, dtype, bytes, 0, count);
    output.write(position + firstRow * columns * dtype.bytes(), bytes);
    crc.update(bytes.asByteBuffer());
    return unstorable == 0 ? Unstorable.NONE : explain(plan, firstRow, columns, count, bytes);
  }

  /** Rare: counts what is not finite now and was so before, and what was only cut off. */
  private Unstorable explain(
      TensorPlan plan, long firstRow, int columns, int count, MemorySegment stored) {
    DType dtype = plan.output().dtype();
    float[] values = buffers.values(count);
    kernels.toFloat(dtype, stored, 0, values, 0, count);
    long after = countNonFinite(values, count);
    long before = countNonFinite(readBlock(plan.source(), firstRow, columns, count), count);
    boolean saturates = dtype == DType.F8_E4M3 || dtype == DType.F8_E5M2;
    return new Unstorable(Math.max(0, after - before), saturates ? 1 : 0);
  }

  private static long countNonFinite(float[] values, int count) {
    long found = 0;
    for (int i = 0; i < count; i++) {
      if (!Float.isFinite(values[i])) {
        found++;
      }
    }
    return found;
  }

  /** Copies a tensor that is stored in pieces, or whose checksum is wanted. */
  private void copy(TensorSource source, long position, CRC32 crc) {
    long size = source.info().byteSize();
    long step = BlockBuffers.BLOCK_ELEMENTS * 4L;
    for (long done = 0; done < size; done += step) {
      cancellation.check();
      MemorySegment bytes = buffers.bytes(Math.min(step, size - done));
      source.read(done, bytes);
      crc.update(bytes.asByteBuffer());
      output.write(position + done, bytes);
    }
  }
}
