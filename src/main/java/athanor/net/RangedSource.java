package athanor.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file that is read in pieces where it lies, here or on a server: enough for a safetensors header
 * or the directory of a zip. Reading is safe from several threads.
 */
public interface RangedSource extends AutoCloseable {

  /** What to call it in messages. */
  String name();

  /** Size of the whole file in bytes. */
  long size();

  /**
   * The bytes of {@code [position, position + length)}.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if the file ends earlier, of kind
   *     NETWORK if the server fails, of kind CANCELLED if the work was cancelled
   */
  byte[] read(long position, int length);

  /** Number of bytes that reading has moved over the network so far. */
  long transferred();

  /** Whether any part can be read; a server may send files only whole, so only their beginning. */
  default boolean isRanged() {
    return true;
  }

  @Override
  void close();

  /**
   * A file of this machine as such a source.
   *
   * @throws IOException if it cannot be opened
   */
  static RangedSource of(Path file) throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    String name = String.valueOf(file.getFileName());
    return new LocalRanges(name, channel, channel.size());
  }

  /** A file of this machine. */
  record LocalRanges(String name, FileChannel channel, long size) implements RangedSource {
    @Override
    public byte[] read(long position, int length) {
      RemoteRanges.requireInside(name, size, position, length);
      ByteBuffer buffer = ByteBuffer.allocate(length);
      try {
        while (buffer.hasRemaining() && channel.read(buffer, position + buffer.position()) >= 0) {
          // Read on until the buffer is full or the file ends.
        }
      } catch (IOException e) {
        throw RemoteRanges.shorter(name, size, position, length).toException(e);
      }
      if (buffer.hasRemaining()) {
        throw RemoteRanges.shorter(name, size, position, length).toException();
      }
      return buffer.array();
    }

    @Override
    public long transferred() {
      return 0;
    }

    @Override
    public void close() {
      try {
        channel.close();
      } catch (IOException e) {
        // Nothing was written through it.
      }
    }
  }
}
