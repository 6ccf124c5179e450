package athanor.merge.engine;

import athanor.delta.Arithmetic;
import athanor.file.OutputFile;
import athanor.kernel.Kernels;
import athanor.merge.plan.Precision;
import athanor.merge.plan.TensorPlan;
import athanor.merge.plan.TensorSource;
import athanor.progress.Cancellation;
import athanor.tensor.DType;
import athanor.tensor.Rows;
import java.lang.foreign.MemorySegment;
import java.util.BitSet;
import java.util.List;
import java.util.zip.CRC32;

/**
 * Carries out the plan of one tensor, block of rows by block of rows: read, widen to float32, apply
 * the changes, round once, write at the final position. Where nothing is changed, rows do not
 * matter and a block is any run of elements, so that a row may be as wide as it likes. One per
 * worker; confined to its thread.
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

  /**
   * What came of a tensor: its checksum, the values that could not be stored, and the contributions
   * whose values were others than those they were combined with.
   */
  record Outcome(int crc32, long newlyNonFinite, long saturated, BitSet differing) {}

  /** Writes the tensor of {@code item}. */
  Outcome write(WorkItem.Compute item) {
    TensorPlan plan = item.plan();
    CRC32 crc = new CRC32();
    if (plan.isUntouched()) {
      copy(plan.source(), item.position(), crc);
      return new Outcome((int) crc.getValue(), 0, 0, new BitSet());
    }
    List<Step> steps =
        Steps.load(plan.changes(), new Arithmetic(kernels, precision.dtype()), buffers);
    int columns = BlockCuts.columns(plan);
    List<Rows.Run> cuts = BlockCuts.of(plan);
    firstPasses(plan, steps, cuts, columns);
    long newlyNonFinite = 0;
    long saturated = 0;
    for (Rows.Run cut : cuts) {
      cancellation.check();
      RowBlock block = read(plan.source(), cut, columns, !steps.isEmpty());
      for (Step step : steps) {
        step.apply(block);
      }
      Unstorable bad = writeBlock(plan, item.position(), block, crc);
      newlyNonFinite += bad.nonFinite();
      saturated += bad.saturated();
    }
    BitSet differing = new BitSet();
    for (Step step : steps) {
      if (step instanceof CombineStep combine) {
        differing.or(combine.differing());
      }
    }
    return new Outcome((int) crc.getValue(), newlyNonFinite, saturated, differing);
  }

  /** Shows the rows to every step that has to see them first, in the order of the steps. */
  private void firstPasses(TensorPlan plan, List<Step> steps, List<Rows.Run> cuts, int columns) {
    for (int i = 0; i < steps.size(); i++) {
      Step step = steps.get(i);
      List<Step> earlier = steps.subList(0, i);
      if (step.looksAtTheOriginal()) {
        earlier = earlier.stream().filter(CombineStep.class::isInstance).toList();
      }
      for (int pass = 0; pass < step.firstPasses(); pass++) {
        for (Rows.Run cut : BlockCuts.touching(step.rows(), cuts)) {
          cancellation.check();
          RowBlock block = read(plan.source(), cut, columns, true);
          for (Step before : earlier) {
            before.apply(block);
          }
          step.look(pass, block);
        }
      }
    }
  }

  private RowBlock read(TensorSource source, Rows.Run cut, int columns, boolean changed) {
    int height = (int) cut.count();
    int count = height * columns;
    float[] values = readBlock(source, cut.first(), columns, count);
    if (changed) {
      kernels.round(precision.dtype(), values, 0, count);
    }
    return new RowBlock(cut.first(), height, columns, values);
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

  private record Unstorable(long nonFinite, long saturated) {
    static final Unstorable NONE = new Unstorable(0, 0);
  }

  private Unstorable writeBlock(TensorPlan plan, long position, RowBlock block, CRC32 crc) {
    int columns = block.columns();
    int count = block.height() * columns;
    DType dtype = plan.output().dtype();
    MemorySegment bytes = buffers.bytes((long) count * dtype.bytes());
    long unstorable = kernels.fromFloat(block.values(), 0, dtype, bytes, 0, count);
    output.write(position + block.first() * columns * dtype.bytes(), bytes);
    crc.update(bytes.asByteBuffer());
    return unstorable == 0 ? Unstorable.NONE : explain(plan, block.first(), columns, count, bytes);
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
