package athanor.file;

import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** Some bytes of a file as a stream; fails as {@link InputFile#read} does. */
public final class RangeInputStream extends InputStream {
  private final InputFile file;
  private final long end;
  private long position;

  /**
   * A stream of {@code length} bytes from {@code position} on.
   *
   * @param file stays the caller's to close
   */
  public RangeInputStream(InputFile file, long position, long length) {
    this.file = file;
    this.position = position;
    this.end = position + length;
  }

  @Override
  public int read() {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
  }

  @Override
  public int read(byte[] target, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, target.length);
    if (position == end) {
      return length == 0 ? 0 : -1;
    }
    int count = (int) Math.min(length, end - position);
    file.read(position, MemorySegment.ofArray(target).asSlice(offset, count));
    position += count;
    return count;
  }
}
