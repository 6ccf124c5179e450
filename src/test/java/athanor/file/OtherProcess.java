package athanor.file;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** What tests do in a process of its own: look at a lock, or end in the middle of writing. */
final class OtherProcess {
  private OtherProcess() {}

  /** Runs the command {@code lock}, {@code terminate} or {@code halt} on a path. */
  public static void main(String[] args) throws IOException {
    Path path = Path.of(args[1]);
    switch (args[0]) {
      case "lock" -> System.out.println(isLocked(path) ? "locked" : "free");
      case "terminate" -> {
        write(path);
        System.exit(143);
      }
      case "halt" -> {
        write(path);
        Runtime.getRuntime().halt(137);
      }
      default -> throw new IllegalArgumentException(args[0]);
    }
  }

  private static void write(Path path) {
    OutputTarget.of(path, false).open().write(0, MemorySegment.ofArray(new byte[1000]));
  }

  private static boolean isLocked(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      return lock == null;
    }
  }
}
