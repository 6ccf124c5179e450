package athanor.torchfile.pickle;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The bytes of a pickle, read through a small window: never more memory than an opcode's operand
 * really has, whatever length it claims. Whole numbers are little-endian.
 */
public final class PickleInput {
  private final InputStream source;
  private final PickleFindings findings;
  private final ByteBuffer window =
      ByteBuffer.allocate(1 << 14).order(ByteOrder.LITTLE_ENDIAN).limit(0);
  private final long end;
  private long windowEnd;

  /**
   * @param source the bytes
   * @param start how messages count the first byte
   * @param length number of bytes
   * @param findings words complaints
   */
  public PickleInput(InputStream source, long start, long length, PickleFindings findings) {
    this.source = source;
    this.findings = findings;
    this.windowEnd = start;
    this.end = start + length;
  }

  /** The next byte's number. */
  public long position() {
    return windowEnd - window.remaining();
  }

  /** Number of bytes left. */
  public long remaining() {
    return end - position();
  }

  int u1() {
    need(1);
    return window.get() & 0xFF;
  }

  int u2() {
    need(2);
    return window.getShort() & 0xFFFF;
  }

  int i4() {
    need(4);
    return window.getInt();
  }

  long u4() {
    return i4() & 0xFFFF_FFFFL;
  }

  long i8() {
    need(8);
    return window.getLong();
  }

  /** The next {@code length} bytes, which must not exceed {@code most}. */
  byte[] bytes(long length, int most) {
    check(length);
    if (length > most) {
      throw findings.tooMuch(position(), "bytes in one value", length, most);
    }
    byte[] bytes = new byte[(int) length];
    int done = 0;
    while (done < bytes.length) {
      need(1);
      int count = Math.min(window.remaining(), bytes.length - done);
      window.get(bytes, done, count);
      done += count;
    }
    return bytes;
  }

  /** Passes over {@code length} bytes. */
  void skip(long length) {
    check(length);
    long left = length;
    while (left > 0) {
      need(1);
      int count = (int) Math.min(window.remaining(), left);
      window.position(window.position() + count);
      left -= count;
    }
  }

  /** The bytes up to the next line feed, which is taken but not returned. */
  byte[] line(int most) {
    var line = new ByteArrayOutputStream();
    for (int next = u1(); next != '\n'; next = u1()) {
      if (line.size() == most) {
        throw findings.tooMuch(position(), "bytes in one line", line.size() + 1L, most);
      }
      line.write(next);
    }
    return line.toByteArray();
  }

  private void check(long length) {
    if (length < 0 || length > remaining()) {
      throw findings.malformed(
          position(),
          "a value claims "
              + Long.toUnsignedString(length)
              + " bytes, but "
              + remaining()
              + " are left");
    }
  }

  private void need(int count) {
    if (window.remaining() >= count) {
      return;
    }
    if (remaining() < count) {
      throw findings.malformed(position(), "the pickle ends before its STOP; the file is cut off");
    }
    try {
      window.compact();
      while (window.position() < count) {
        int most = (int) Math.min(window.remaining(), end - windowEnd);
        int read = source.read(window.array(), window.position(), most);
        if (read <= 0) {
          throw findings.malformed(position(), "the pickle ends before its STOP");
        }
        window.position(window.position() + read);
        windowEnd += read;
      }
      window.flip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
