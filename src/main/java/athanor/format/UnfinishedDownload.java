package athanor.format;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The marks that downloaders leave on what is not complete. */
final class UnfinishedDownload {
  private static final Map<String, String> BY_SUFFIX = new LinkedHashMap<>();

  static {
    BY_SUFFIX.put(".crdownload", "Chrome or Edge");
    BY_SUFFIX.put(".part", "Firefox or another downloader");
    BY_SUFFIX.put(".opdownload", "Opera");
    BY_SUFFIX.put(".download", "Safari");
    BY_SUFFIX.put(".incomplete", "huggingface_hub");
    BY_SUFFIX.put(".!qB", "qBittorrent");
    BY_SUFFIX.put(".!ut", "µTorrent");
    BY_SUFFIX.put(".fdmdownload", "Free Download Manager");
    BY_SUFFIX.put(".partial", "a downloader");
    BY_SUFFIX.put(".tmp", "a downloader");
  }

  private UnfinishedDownload() {}

  /** Why the name says that a download is not complete; empty if it does not. */
  static Optional<String> byName(Path path) {
    String name = fileName(path);
    return BY_SUFFIX.entrySet().stream()
        .filter(entry -> name.endsWith(entry.getKey()))
        .map(entry ->
            "the name ends in "
                + entry.getKey()
                + ": "
                + entry.getValue()
                + " has not finished this download")
        .findFirst();
  }

  /** Whether aria2's control file lies beside the file, which it does until all is there. */
  static boolean hasControlFile(Path path) {
    return Files.exists(path.resolveSibling(fileName(path) + ".aria2"));
  }

  static String fileName(Path path) {
    return Objects.requireNonNullElse(path.getFileName(), path).toString();
  }
}
