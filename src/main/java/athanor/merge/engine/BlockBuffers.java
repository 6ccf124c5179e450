package athanor.merge.engine;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/** The memory of one worker, reused from block to block. Confined to its thread. */
final class BlockBuffers implements Workers.Memory {
  /**
   * Elements of a block: 256 KiB as float32. Two workers that share a core then find their blocks
   * and packed factors in the second-level cache, and writes hold the file's lock only briefly: an
   * SDXL merge took 10.2 s with blocks four times as large, and 7.2 s with these
   * (docs/benchmarks.md).
   */
  static final int BLOCK_ELEMENTS = 64 * 1024;

  private static final int WIDEST_ELEMENT_BYTES = 8;

  private final Arena arena = Arena.ofConfined();
  private float[] values = new float[BLOCK_ELEMENTS];
  private float[] scratch = new float[0];
  private float[] secondScratch = new float[0];
  private final List<float[]> operands = new ArrayList<>();
  private MemorySegment bytes = arena.allocate((long) BLOCK_ELEMENTS * WIDEST_ELEMENT_BYTES, 64);

  /** Rows of a tensor with this many columns that make up one block; at least one. */
  static int rowsPerBlock(long columns) {
    return Math.toIntExact(Math.max(1, BLOCK_ELEMENTS / Math.max(1, columns)));
  }

  /** At least {@code count} floats. */
  float[] values(int count) {
    if (values.length < count) {
      values = new float[count];
    }
    return values;
  }

  /** At least {@code count} floats, independent of {@link #values}. */
  float[] scratch(int count) {
    if (scratch.length < count) {
      scratch = new float[Math.max(count, BLOCK_ELEMENTS)];
    }
    return scratch;
  }

  /** At least {@code count} floats, independent of the others. */
  float[] secondScratch(int count) {
    if (secondScratch.length < count) {
      secondScratch = new float[Math.max(count, BLOCK_ELEMENTS)];
    }
    return secondScratch;
  }

  /**
   * At least {@code count} floats for one of the models that are combined, independent of the
   * others.
   */
  float[] operand(int index, int count) {
    while (operands.size() <= index) {
      operands.add(new float[0]);
    }
    if (operands.get(index).length < count) {
      operands.set(index, new float[Math.max(count, BLOCK_ELEMENTS)]);
    }
    return operands.get(index);
  }

  /** Exactly {@code size} bytes of native memory. */
  MemorySegment bytes(long size) {
    if (bytes.byteSize() < size) {
      bytes = arena.allocate(size, 64);
    }
    return bytes.asSlice(0, size);
  }

  @Override
  public void close() {
    arena.close();
  }
}
