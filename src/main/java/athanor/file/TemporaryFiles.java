package athanor.file;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The names of temporary files, {@code .NAME.PID-RANDOM.partial} beside NAME, and the removal of
 * those that a killed run left: only files of exactly this pattern for the same output, not locked
 * by anyone, whose process is gone or which are older than a day.
 */
final class TemporaryFiles {
  private static final Pattern SUFFIX = Pattern.compile("\\.(\\d{1,10})-[0-9a-f]{8}\\.partial");
  private static final int NAME_LIMIT_BYTES = 255;
  private static final int SUFFIX_LIMIT_BYTES = 1 + 1 + 10 + 1 + 8 + 8;
  private static final Duration OLD = Duration.ofDays(1);

  /** The names this process gave, which are never abandoned in its own eyes. */
  private static final Set<Path> ISSUED = ConcurrentHashMap.newKeySet();

  private TemporaryFiles() {}

  static Path nameFor(Path output) {
    String random = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextInt());
    String suffix = "." + ProcessHandle.current().pid() + "-" + random + ".partial";
    Path name = output.resolveSibling(prefix(output) + suffix);
    ISSUED.add(name);
    return name;
  }

  private static String prefix(Path output) {
    String name = "." + Objects.requireNonNull(output.getFileName());
    while (name.getBytes(StandardCharsets.UTF_8).length > NAME_LIMIT_BYTES - SUFFIX_LIMIT_BYTES) {
      name = name.substring(0, name.offsetByCodePoints(name.length(), -1));
    }
    return name;
  }

  /**
   * Creates a temporary file for reading and writing; fails if the name exists, as a link too.
   *
   * @param mode what it will have in the end; it never grants more than that
   */
  static FileChannel create(Path temporary, FileMode mode) throws IOException {
    Set<StandardOpenOption> options =
        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
    return FileChannel.open(temporary, options, mode.whileWriting());
  }

  /** What tells the file of this name from others; null where the system has no such thing. */
  static @Nullable Object identity(Path temporary) throws IOException {
    return attributes(temporary).fileKey();
  }

  /** Whether the name still belongs to the file that had this identity, and is no link. */
  static boolean isStill(Path temporary, @Nullable Object identity) throws IOException {
    BasicFileAttributes now = attributes(temporary);
    return now.isRegularFile() && Objects.equals(now.fileKey(), identity);
  }

  private static BasicFileAttributes attributes(Path temporary) throws IOException {
    return Files.readAttributes(temporary, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
  }

  /** Tells other runs that this temporary file is being written, where the system has locks. */
  static void markInUse(FileChannel channel) {
    try {
      channel.tryLock();
    } catch (IOException | UnsupportedOperationException e) {
      // Without locks the process id in the name has to do.
    }
  }

  static void removeAbandoned(Path output) {
    String prefix = prefix(output);
    Path folder = Objects.requireNonNull(output.getParent());
    try (DirectoryStream<Path> entries =
        Files.newDirectoryStream(folder, entry -> isOurs(entry, prefix))) {
      for (Path entry : entries) {
        if (isAbandoned(entry, prefix)) {
          Files.deleteIfExists(entry);
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      // Tidying up is a courtesy; the run itself does not depend on it.
    }
  }

  private static boolean isOurs(Path entry, String prefix) {
    String name = Objects.requireNonNull(entry.getFileName()).toString();
    return name.startsWith(prefix) && SUFFIX.matcher(name.substring(prefix.length())).matches();
  }

  private static boolean isAbandoned(Path entry, String prefix) throws IOException {
    if (!Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)) {
      return false;
    }
    String name = Objects.requireNonNull(entry.getFileName()).toString();
    Matcher suffix = SUFFIX.matcher(name.substring(prefix.length()));
    if (!suffix.matches()) {
      return false;
    }
    if (ISSUED.contains(entry)) {
      return false;
    }
    long pid = Long.parseLong(suffix.group(1));
    // In containers each run tends to have the same process id, so ours may be that of a dead one.
    boolean processGone = pid == ProcessHandle.current().pid() || ProcessHandle.of(pid).isEmpty();
    Instant changed = Files.getLastModifiedTime(entry).toInstant();
    boolean old = changed.isBefore(Instant.now().minus(OLD));
    return (processGone || old) && isUnlocked(entry);
  }

  private static boolean isUnlocked(Path entry) throws IOException {
    try (FileChannel channel =
            FileChannel.open(entry, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
        FileLock lock = channel.tryLock()) {
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }
}
