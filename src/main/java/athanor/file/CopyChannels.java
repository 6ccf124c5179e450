package athanor.file;

import athanor.error.Problem;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Copies into one file within the system, from several threads. The system call writes at the
 * channel's current position, so each copy has a channel for itself, which is kept for the next one
 * and closed at the end: closing any channel of a file drops all locks this process has on it, also
 * the mark that the file is in use.
 */
final class CopyChannels {
  private final Path file;
  private final Queue<FileChannel> idle = new ConcurrentLinkedQueue<>();
  private volatile boolean closed;

  CopyChannels(Path file) {
    this.file = file;
  }

  /**
   * Copies a range of another file to {@code position}.
   *
   * @throws IOException if the disk is full or fails
   * @throws athanor.error.AthanorException of kind BAD_FILE if the source ends early
   */
  void copy(FileRange source, long position) throws IOException {
    FileChannel own = take();
    try {
      own.position(position);
      long done = 0;
      while (done < source.length()) {
        long count =
            source
                .file()
                .channel()
                .transferTo(source.position() + done, source.length() - done, own);
        if (count <= 0) {
          throw Problem.badFile("the file changed while it was read")
              .at(source.file().name())
              .found("an end at byte " + (source.position() + done))
              .expected((source.position() + source.length()) + " bytes")
              .toException();
        }
        done += count;
      }
    } finally {
      giveBack(own);
    }
  }

  private FileChannel take() throws IOException {
    FileChannel channel = idle.poll();
    return channel != null
        ? channel
        : FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
  }

  private void giveBack(FileChannel channel) {
    idle.add(channel);
    if (closed) {
      close();
    }
  }

  /** Closes all channels, those in use when they are given back. */
  void close() {
    closed = true;
    for (FileChannel channel = idle.poll(); channel != null; channel = idle.poll()) {
      try {
        channel.close();
      } catch (IOException e) {
        // What it wrote is checked by forcing the file itself.
      }
    }
  }
}
