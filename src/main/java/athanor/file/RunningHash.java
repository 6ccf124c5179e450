package athanor.file;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Map;
import java.util.TreeMap;

/**
 * SHA-256 of a file while several threads write it, about in ascending order. A piece that
 * continues what is hashed already is hashed from the writer's memory, by the writer; a piece that
 * came early waits, and is read back by whoever closes the gap before it, while the system still
 * has it in its cache. So nothing is read from the disk a second time.
 */
final class RunningHash {
  private static final int PIECE = 256 << 10;

  private final MessageDigest digest = Sha256.create();
  private final Reader reader;
  private final TreeMap<Long, Long> waiting = new TreeMap<>();
  private long front;
  private boolean busy;
  private boolean spoiled;

  /** Reads back what was written. */
  interface Reader {
    /** Fills {@code target} with the bytes from {@code position} on. */
    void read(long position, ByteBuffer target) throws IOException;
  }

  RunningHash(Reader reader) {
    this.reader = reader;
  }

  /**
   * Takes a piece that has just been written.
   *
   * @param bytes its content, unchanged until this returns
   * @throws IOException if an earlier piece cannot be read back
   */
  void wrote(long position, MemorySegment bytes) throws IOException {
    if (claim(position, position + bytes.byteSize())) {
      update(bytes);
      catchUp();
    }
  }

  /** Whether the caller is to hash this piece now; otherwise it is hashed in its turn. */
  private synchronized boolean claim(long begin, long end) {
    if (begin == end) {
      return false;
    }
    Map.Entry<Long, Long> before = waiting.lowerEntry(end);
    if (begin < front || (before != null && before.getValue() > begin)) {
      spoiled = true;
      return false;
    }
    if (begin == front && !busy) {
      busy = true;
      front = end;
      return true;
    }
    waiting.put(begin, end);
    return false;
  }

  private void catchUp() throws IOException {
    while (true) {
      long begin;
      long end;
      synchronized (this) {
        begin = front;
        Long next = spoiled ? null : waiting.remove(front);
        if (next == null) {
          busy = false;
          return;
        }
        end = next;
        front = end;
      }
      readBack(begin, end);
    }
  }

  private void readBack(long begin, long end) throws IOException {
    byte[] piece = new byte[(int) Math.min(PIECE, end - begin)];
    for (long at = begin; at < end; at += piece.length) {
      int length = (int) Math.min(piece.length, end - at);
      reader.read(at, ByteBuffer.wrap(piece, 0, length));
      digest.update(piece, 0, length);
    }
  }

  private void update(MemorySegment bytes) {
    if (bytes.byteSize() <= Integer.MAX_VALUE) {
      digest.update(bytes.asByteBuffer());
      return;
    }
    for (long at = 0; at < bytes.byteSize(); at += 1 << 30) {
      digest.update(bytes.asSlice(at, Math.min(1 << 30, bytes.byteSize() - at)).asByteBuffer());
    }
  }

  /**
   * The hash of the finished file, 64 lower-case hex digits; nobody writes any more. A file with
   * holes, or of which some part was written twice, is read as a whole.
   *
   * @param size of the file in bytes
   * @throws IOException if it cannot be read
   */
  synchronized String finish(long size) throws IOException {
    if (spoiled || busy || front != size) {
      digest.reset();
      readBack(0, size);
    }
    return Sha256.hex(digest);
  }
}
