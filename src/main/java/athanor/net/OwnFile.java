package athanor.net;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.Set;

/**
 * Files whose names this program chose itself: unfinished downloads, states, journals. Whoever can
 * write to the folder can put something else under such a name, so no link is followed, and what is
 * no plain file of the user is not touched.
 */
public final class OwnFile {
  private static final Optional<Object> USER = user();

  private OwnFile() {}

  /** Something else stands where a file of this program should be. */
  public static final class Foreign extends FileSystemException {
    private static final long serialVersionUID = 1L;

    Foreign(Path path, String what) {
      super(path.toString(), null, what + " stands in the place of a file of this program");
    }
  }

  /**
   * Returns if a plain file of this user has this name, or nothing.
   *
   * @throws Foreign if a link, a folder, a device or a file of another user has it
   * @throws IOException if that cannot be found out
   */
  public static void requireOurs(Path path) throws IOException {
    BasicFileAttributes found;
    try {
      found = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return;
    }
    if (found.isSymbolicLink()) {
      throw new Foreign(path, "a symbolic link");
    }
    if (!found.isRegularFile()) {
      throw new Foreign(path, found.isDirectory() ? "a folder" : "a device or pipe");
    }
    Optional<Object> owner = attribute(path, "unix:uid");
    if (owner.isPresent() && USER.isPresent() && !owner.equals(USER)) {
      throw new Foreign(path, "a file of another user");
    }
  }

  /** Whether the file has further names (hard links), through which others would be changed. */
  static boolean hasFurtherNames(Path path) throws IOException {
    return attribute(path, "unix:nlink").filter(count -> !count.equals(1)).isPresent();
  }

  /**
   * The content of a file of this program.
   *
   * @throws Foreign if something else has the name
   * @throws IOException if it is not there, longer than {@code most} bytes or cannot be read
   */
  public static byte[] read(Path path, int most) throws IOException {
    requireOurs(path);
    try (FileChannel channel =
        FileChannel.open(path, Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS))) {
      if (channel.size() > most) {
        throw new FileSystemException(path.toString(), null, "too long");
      }
      ByteBuffer content = ByteBuffer.allocate((int) channel.size());
      while (content.hasRemaining() && channel.read(content, content.position()) >= 0) {
        // Until it is full or the file ends.
      }
      byte[] bytes = new byte[content.position()];
      content.flip().get(bytes);
      return bytes;
    }
  }

  /**
   * Writes a file and puts it in the place of another in one step. What has the name of {@code
   * fresh} is removed first, and never written to.
   *
   * @param fresh where it is written; beside {@code path}
   * @throws IOException if that is not possible; nothing is left at {@code fresh} then
   */
  public static void replace(Path path, Path fresh, byte[] content) throws IOException {
    Files.deleteIfExists(fresh);
    try {
      try (FileChannel channel =
          FileChannel.open(fresh, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        ByteBuffer bytes = ByteBuffer.wrap(content);
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
      }
      Files.move(fresh, path, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      Files.deleteIfExists(fresh);
      throw e;
    }
  }

  /** Empty where the system does not have it. */
  private static Optional<Object> attribute(Path path, String name) throws IOException {
    try {
      return Optional.of(Files.getAttribute(path, name, LinkOption.NOFOLLOW_LINKS));
    } catch (UnsupportedOperationException | IllegalArgumentException | NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** The number of the user this process runs as; empty where the system does not tell. */
  private static Optional<Object> user() {
    try {
      return attribute(Path.of("/proc/self"), "unix:uid");
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
