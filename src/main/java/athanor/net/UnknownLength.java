package athanor.net;

import athanor.error.Kind;
import athanor.error.Problem;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * Bounds a download whose length no server and no listing tells: it ends at a limit, and before the
 * disk is full. Thread-safe.
 */
final class UnknownLength {
  private static final long GIGABYTE = 1_000_000_000;

  private final Path target;
  private final long most;
  private final Disk disk;

  /** What there is on the disk that is written to. */
  interface Disk {
    /** Bytes that can be written. */
    long free() throws IOException;

    /** All its bytes. */
    long size() throws IOException;
  }

  /** A download to {@code target} of at most so many bytes. */
  UnknownLength(Path target, long most) {
    this(target, most, disk(target));
  }

  UnknownLength(Path target, long most, Disk disk) {
    this.target = target;
    this.most = most;
    this.disk = disk;
  }

  private static Disk disk(Path target) {
    Optional<FileStore> store = store(target);
    return new Disk() {
      @Override
      public long free() throws IOException {
        return store.isPresent() ? store.get().getUsableSpace() : Long.MAX_VALUE;
      }

      @Override
      public long size() throws IOException {
        return store.isPresent() ? store.get().getTotalSpace() : 0;
      }
    };
  }

  private static Optional<FileStore> store(Path target) {
    try {
      return Optional.of(
          Files.getFileStore(Objects.requireNonNull(target.toAbsolutePath().getParent())));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Bytes of a disk that stay free: 1 GB, or 2 % of a small one. */
  static long reserve(long size) {
    return Math.min(GIGABYTE, size / 50);
  }

  /**
   * Returns if more may come.
   *
   * @param arrived bytes that have come so far
   * @throws EndlessBody if not
   */
  void require(long arrived) {
    if (arrived > most) {
      throw new EndlessBody(
          Problem.of(Kind.RESOURCES, "the server does not say how large the file is, nor ends it")
              .at(target.toString())
              .found("more than " + gigabytes(most))
              .help(
                  "if it may be larger, set "
                      + HttpSettings.MOST_VARIABLE
                      + " to the most it may be, such as 100GB; nothing was kept"));
    }
    long free;
    long reserve;
    try {
      free = disk.free();
      reserve = reserve(disk.size());
    } catch (IOException e) {
      return;
    }
    if (free < reserve) {
      throw new EndlessBody(
          Problem.of(
                  Kind.RESOURCES,
                  "the disk is nearly full, and the server does not say how large the file is")
              .at(target.toString())
              .found(gigabytes(arrived) + " arrived, " + gigabytes(free) + " free")
              .expected(gigabytes(reserve) + " that stay free")
              .help("free some space, or choose another folder; nothing was kept"));
    }
  }

  private static String gigabytes(long bytes) {
    return bytes < GIGABYTE
        ? String.format(Locale.ROOT, "%,d MB", bytes / 1_000_000)
        : String.format(Locale.ROOT, "%,.1f GB", bytes / (double) GIGABYTE);
  }
}
