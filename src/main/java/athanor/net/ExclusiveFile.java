package athanor.net;

import athanor.progress.Cancellation;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Files that only one run at a time works on, in whatever process. */
public final class ExclusiveFile {
  private static final long LOOK_AGAIN_MILLIS = 100;

  private static final Set<OpenOption> CREATING =
      Set.of(
          StandardOpenOption.CREATE,
          StandardOpenOption.READ,
          StandardOpenOption.WRITE,
          LinkOption.NOFOLLOW_LINKS);

  private ExclusiveFile() {}

  /**
   * Opens or creates a file for reading and writing and locks it until the channel is closed; waits
   * while another run has it. A disk without locks gives it to everybody. A file that has other
   * names as well is left to them, and a new one is made.
   *
   * @param waiting called once if it has to wait
   * @param attributes of the file, if it is created
   * @throws OwnFile.Foreign if a link, a folder, a device or a file of another user has its name
   * @throws IOException if it cannot be opened
   * @throws athanor.error.AthanorException of kind CANCELLED
   */
  public static FileChannel open(
      Path path, Runnable waiting, Cancellation cancellation, FileAttribute<?>... attributes)
      throws IOException {
    boolean told = false;
    while (true) {
      OwnFile.requireOurs(path);
      FileChannel channel = FileChannel.open(path, CREATING, attributes);
      if (isLocked(path, channel)) {
        if (!hasFurtherNames(path, channel)) {
          return channel;
        }
        channel.close();
        Files.deleteIfExists(path);
        continue;
      }
      channel.close();
      cancellation.check();
      if (!told) {
        waiting.run();
        told = true;
      }
      Interruptions.sleep(LOOK_AGAIN_MILLIS);
    }
  }

  /** Locks the file, unless another run has it or has removed it meanwhile. */
  private static boolean isLocked(Path path, FileChannel channel) throws IOException {
    try {
      OwnFile.requireOurs(path);
      Object identity = identity(path);
      return lock(channel) && Objects.equals(identity, identity(path));
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  private static boolean hasFurtherNames(Path path, FileChannel channel) throws IOException {
    try {
      return OwnFile.hasFurtherNames(path);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  private static @Nullable Object identity(Path path) throws IOException {
    try {
      return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
          .fileKey();
    } catch (NoSuchFileException e) {
      return "gone";
    }
  }

  private static boolean lock(FileChannel channel) {
    try {
      @SuppressWarnings("resource") // released with the channel
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    } catch (IOException | UnsupportedOperationException e) {
      return true;
    }
  }
}
