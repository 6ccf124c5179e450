package athanor.torchfile;

import athanor.file.InputFile;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * How a tensor views its storage: element {@code [i0, i1, …]} is at {@code offset + Σ i·stride},
 * all in elements of {@code width} bytes. Checked on creation by {@link StoredTensor}. Immutable,
 * safe for use by several threads.
 */
final class StridedView {
  /** Bytes of a storage that are read in one piece to pick elements from. */
  private static final int BUFFER_BYTES = 4 << 20;

  /** Elements of a storage that are read per element that is wanted, at most. */
  private static final int LEAST_DENSITY = 16;

  private final long offset;
  private final long[] size;
  private final long[] stride;
  private final int width;

  StridedView(long offset, long[] size, long[] stride, int width) {
    this.offset = offset;
    this.size = size;
    this.stride = stride;
    this.width = width;
  }

  /** Number of elements. */
  long elementCount() {
    return product(0);
  }

  private long product(int from) {
    long count = 1;
    for (int d = from; d < size.length; d++) {
      count *= size[d];
    }
    return count;
  }

  /** First byte of the first element, relative to the storage. */
  long position() {
    return elementCount() == 0 ? 0 : offset * width;
  }

  /** Whether the elements lie one after the other, row-major, without gaps. */
  boolean isContiguous() {
    if (elementCount() <= 1) {
      return true;
    }
    long expected = 1;
    for (int d = size.length - 1; d >= 0; d--) {
      if (size[d] != 1) {
        if (stride[d] != expected) {
          return false;
        }
        expected *= size[d];
      }
    }
    return true;
  }

  /**
   * Gathers packed bytes.
   *
   * @param storage first byte of the storage in the file
   * @param from first packed byte
   */
  void gather(InputFile file, long storage, long from, MemorySegment target) {
    long end = from + target.byteSize();
    long first = Math.ceilDiv(from, width);
    long last = end / width;
    if (first > last) {
      copyPartOfElement(file, storage, from, target);
      return;
    }
    long whole = first * width - from;
    if (whole > 0) {
      copyPartOfElement(file, storage, from, target.asSlice(0, whole));
    }
    if (last > first) {
      long bytes = (last - first) * width;
      new Gathering(file, storage, target.asSlice(whole, bytes), first).copyRange(0, first, last);
    }
    if (end > last * width) {
      copyPartOfElement(file, storage, last * width, target.asSlice(last * width - from));
    }
  }

  private void copyPartOfElement(InputFile file, long storage, long from, MemorySegment target) {
    if (target.byteSize() == 0) {
      return;
    }
    long index = from / width;
    MemorySegment element = MemorySegment.ofArray(new byte[width]);
    new Gathering(file, storage, element, index).copyRange(0, index, index + 1);
    MemorySegment.copy(element, from % width, target, 0, target.byteSize());
  }

  /** One call of {@link #gather}: cuts the wanted elements into boxes, and reads each box. */
  private final class Gathering {
    private final InputFile file;
    private final long storage;
    private final MemorySegment target;
    private final long firstElement;
    private final long[] boxStart = new long[size.length];
    private final long[] boxCount = new long[size.length];
    private int dims;
    private final long[] count = new long[size.length];
    private final long[] from = new long[size.length];
    private final long[] to = new long[size.length];
    private MemorySegment buffer = MemorySegment.ofArray(new byte[0]);

    Gathering(InputFile file, long storage, MemorySegment target, long firstElement) {
      this.file = file;
      this.storage = storage;
      this.target = target;
      this.firstElement = firstElement;
    }

    /** Copies packed elements {@code [a, b)}, relative to the indices fixed below axis. */
    void copyRange(int axis, long a, long b) {
      if (axis == size.length) {
        copyBox();
        return;
      }
      long inner = product(axis + 1);
      long first = a / inner;
      long last = (b - 1) / inner;
      if (first == last) {
        fix(axis, first);
        copyRange(axis + 1, a - first * inner, b - first * inner);
        return;
      }
      if (a % inner != 0) {
        fix(axis, first);
        copyRange(axis + 1, a - first * inner, inner);
        first++;
      }
      boolean partialEnd = b % inner != 0;
      long fullEnd = partialEnd ? last : last + 1;
      if (fullEnd > first) {
        boxStart[axis] = first;
        boxCount[axis] = fullEnd - first;
        for (int d = axis + 1; d < size.length; d++) {
          boxStart[d] = 0;
          boxCount[d] = size[d];
        }
        copyBox();
      }
      if (partialEnd) {
        fix(axis, last);
        copyRange(axis + 1, 0, b - last * inner);
      }
    }

    private void fix(int axis, long index) {
      boxStart[axis] = index;
      boxCount[axis] = 1;
    }

    /** Copies a box, its axes in the order of their strides in the storage. */
    private void copyBox() {
      long source = offset;
      long packed = -firstElement;
      for (int d = 0; d < size.length; d++) {
        source += boxStart[d] * stride[d];
        packed += boxStart[d] * product(d + 1);
      }
      int[] axes =
          IntStream.range(0, size.length)
              .filter(d -> boxCount[d] > 1)
              .boxed()
              .sorted(Comparator.comparingLong(d -> -stride[d]))
              .mapToInt(Integer::intValue)
              .toArray();
      dims = axes.length;
      for (int i = 0; i < dims; i++) {
        count[i] = boxCount[axes[i]];
        from[i] = stride[axes[i]];
        to[i] = product(axes[i] + 1);
      }
      read(0, source, packed);
    }

    private void read(int level, long source, long packed) {
      long wanted = 1;
      long innerSpan = 1;
      for (int i = dims - 1; i > level; i--) {
        wanted *= from[i] == 0 ? 1 : count[i];
        innerSpan += (count[i] - 1) * from[i];
      }
      if (level == dims) {
        readSpan(level, 1, 1, source, packed);
        return;
      }
      long step = from[level];
      long span = innerSpan + (count[level] - 1) * step;
      long all = wanted * (step == 0 ? 1 : count[level]);
      boolean dense = span / LEAST_DENSITY <= all;
      long fitting = step == 0 ? count[level] : (BUFFER_BYTES / width - innerSpan) / step + 1;
      if (dense && innerSpan <= BUFFER_BYTES / width) {
        long done = 0;
        while (done < count[level]) {
          long n = Math.min(fitting, count[level] - done);
          long pieceSpan = innerSpan + (n - 1) * step;
          readSpan(level, n, pieceSpan, source + done * step, packed + done * to[level]);
          done += n;
        }
        return;
      }
      for (long i = 0; i < count[level]; i++) {
        read(level + 1, source + i * step, packed + i * to[level]);
      }
    }

    /** Reads {@code span} elements in one piece and spreads those that are wanted. */
    private void readSpan(int level, long n, long span, long source, long packed) {
      long bytes = span * width;
      if (buffer.byteSize() < bytes) {
        long larger = Math.max(bytes, Math.min(BUFFER_BYTES, 2 * buffer.byteSize()));
        buffer = MemorySegment.ofArray(new byte[Math.toIntExact(larger)]);
      }
      file.read(storage + source * width, buffer.asSlice(0, bytes));
      spread(level, n, 0, packed);
    }

    private void spread(int level, long n, long source, long packed) {
      if (level >= dims - 1) {
        long s = dims == 0 || level == dims ? 0 : from[level];
        long t = dims == 0 || level == dims ? 0 : to[level];
        Elements.copy(buffer, source, s, target, packed, t, n, width);
        return;
      }
      for (long i = 0; i < n; i++) {
        spread(level + 1, count[level + 1], source + i * from[level], packed + i * to[level]);
      }
    }
  }

  @Override
  public String toString() {
    return "offset "
        + offset
        + ", size "
        + Arrays.toString(size)
        + ", stride "
        + Arrays.toString(stride);
  }
}
