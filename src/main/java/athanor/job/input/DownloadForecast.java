package athanor.job.input;

import athanor.error.Kind;
import athanor.error.Problem;
import athanor.hub.RemoteFile;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * What fetching the inputs of a merge would move, and where it goes.
 *
 * @param items one for each file given as a link
 * @param folder the cache
 */
public record DownloadForecast(List<Item> items, Path folder) {
  /** Left free, so that other programs do not fail. */
  private static final long SPARE_BYTES = 64L << 20;

  /**
   * A file given as a link.
   *
   * @param file which one
   * @param here whether it is on this computer already
   * @param size in bytes if known
   */
  public record Item(RemoteFile file, boolean here, OptionalLong size) {
    /** Bytes to download, as far as is known. */
    public long download() {
      return here ? 0 : size.orElse(0);
    }
  }

  /** Copies the list. */
  public DownloadForecast {
    items = List.copyOf(items);
  }

  /** Bytes to download, as far as is known. */
  public long bytes() {
    return items.stream().mapToLong(Item::download).sum();
  }

  /** Usable bytes on the disk of the cache; {@code Long.MAX_VALUE} where nobody can say. */
  public long freeBytes() {
    try {
      return store(folder).getUsableSpace();
    } catch (IOException e) {
      return Long.MAX_VALUE;
    }
  }

  /**
   * Returns if there is room for the downloads, and on the same disk for the result.
   *
   * @param output where the result goes
   * @param outputBytes its size
   * @throws athanor.error.AthanorException of kind RESOURCES with both numbers if there is not
   */
  public void requireSpace(Path output, long outputBytes) {
    if (bytes() == 0) {
      return;
    }
    long wanted = bytes() + SPARE_BYTES + (isOnSameDisk(output) ? outputBytes : 0);
    if (freeBytes() < wanted) {
      throw Problem.of(Kind.RESOURCES, "not enough free disk space for the downloads")
          .at(folder.toString())
          .found(megabytes(freeBytes()) + " free")
          .expected(megabytes(wanted))
          .help("free some space, or set ATHANOR_CACHE to a folder on another disk")
          .toException();
    }
  }

  private boolean isOnSameDisk(Path output) {
    try {
      return store(folder).equals(store(output));
    } catch (IOException e) {
      return true;
    }
  }

  /** The disk of a path, or of the nearest folder above that exists. */
  private static FileStore store(Path path) throws IOException {
    Path at = path.toAbsolutePath();
    while (!Files.exists(at) && at.getParent() != null) {
      at = Objects.requireNonNull(at.getParent());
    }
    return Files.getFileStore(at);
  }

  private static String megabytes(long bytes) {
    return String.format(Locale.ROOT, "%,d MB", bytes / 1_000_000);
  }
}
