package athanor.hub;

import athanor.error.Kind;
import athanor.error.Problem;
import athanor.file.Sha256;
import athanor.net.FileHash;
import athanor.net.Json;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Fetched files by hash: {@code files/SHA256/NAME} with {@code entry.json} beside it, and {@code
 * links/…}, which remembers which link gave which hash. A file whose size or time has changed since
 * counts as absent. Thread-safe; several processes may share it.
 */
public final class Cache {
  private static final String ENTRY = "entry.json";

  /** Names of everything but uploads; {@code .new…} is an entry that a killed run left. */
  private static final Pattern BY_SHA256 = Pattern.compile("[0-9a-f]{64}|\\.new\\d+(\\.tmp)?");

  private static final Pattern UPLOADS = Pattern.compile("[0-9a-f]{40}\\.jsonl");

  private final Path root;

  Cache(Path root) {
    this.root = root;
  }

  /**
   * A file of the cache.
   *
   * @param path where it is
   * @param sha256 lower-case hex
   * @param size in bytes
   * @param source the link it came from
   * @param added when it came
   */
  public record Entry(Path path, String sha256, long size, String source, Instant added) {}

  /** The folder of the cache. */
  public Path folder() {
    return root;
  }

  /**
   * All files, the oldest first.
   *
   * @throws athanor.error.AthanorException of kind RESOURCES if the folder cannot be read
   */
  public List<Entry> entries() {
    List<Entry> entries = new ArrayList<>();
    try (DirectoryStream<Path> folders = Files.newDirectoryStream(root.resolve("files"))) {
      for (Path folder : folders) {
        read(folder).ifPresent(entries::add);
      }
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw failed("the cache cannot be read", e);
    }
    entries.sort(Comparator.comparing(Entry::added).thenComparing(Entry::sha256));
    return List.copyOf(entries);
  }

  /** The file with this hash, if it is in the cache and unchanged. */
  public Optional<Entry> find(String sha256) {
    return sha256.matches("[0-9a-f]{64}")
        ? read(root.resolve("files").resolve(sha256))
        : Optional.empty();
  }

  private static Optional<Entry> read(Path folder) {
    try {
      Json json = Json.parse(Files.readAllBytes(folder.resolve(ENTRY)));
      Path file = folder.resolve(json.get("name").text().orElse(""));
      long size = json.get("size").whole().orElse(-1L);
      long modified = json.get("modified").whole().orElse(-1L);
      boolean unchanged =
          Files.isRegularFile(file)
              && Files.size(file) == size
              && Files.getLastModifiedTime(file).toMillis() == modified;
      return unchanged
          ? Optional.of(
              new Entry(
                  file,
                  String.valueOf(folder.getFileName()),
                  size,
                  json.get("source").text().orElse("unknown"),
                  Instant.ofEpochMilli(json.get("added").whole().orElse(0L))))
          : Optional.empty();
    } catch (IOException | RuntimeException e) {
      return Optional.empty();
    }
  }

  /**
   * Removes a file, and whatever is left of an unfinished download of it.
   *
   * @return bytes that became free
   * @throws athanor.error.AthanorException of kind RESOURCES if it cannot be removed
   */
  public long remove(String sha256) {
    if (!sha256.matches("[0-9a-f]{64}")) {
      throw Problem.usage("not a SHA-256").found(sha256).toException();
    }
    return removeFolder(root.resolve("files").resolve(sha256));
  }

  /**
   * Removes everything, unfinished downloads and what is known of unfinished uploads included; what
   * this program did not put there stays.
   *
   * @return bytes that became free
   * @throws athanor.error.AthanorException of kind RESOURCES if something cannot be removed
   */
  public long removeAll() {
    return removeOurs(root.resolve("files"), BY_SHA256)
        + removeOurs(root.resolve("incoming"), BY_SHA256)
        + removeOurs(root.resolve("links"), BY_SHA256)
        + removeOurs(root.resolve("verified"), BY_SHA256)
        + removeOurs(root.resolve("uploads"), UPLOADS);
  }

  /** The folder may be one that the user has for other things as well. */
  private long removeOurs(Path folder, Pattern names) {
    long freed = 0;
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        if (names.matcher(String.valueOf(entry.getFileName())).matches()) {
          freed += removeFolder(entry);
        }
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      return 0;
    } catch (IOException e) {
      throw failed("the cache cannot be emptied", e);
    }
    try {
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      // Something else is in it.
    }
    return freed;
  }

  private long removeFolder(Path folder) {
    if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      return 0;
    }
    long freed = 0;
    try (Stream<Path> tree = Files.walk(folder)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        freed += Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS) ? Files.size(path) : 0;
        Files.deleteIfExists(path);
      }
      return freed;
    } catch (IOException e) {
      throw failed("the cache cannot be emptied", e);
    }
  }

  /**
   * Reads a file of the cache again and compares its hash; a file that does not match is removed.
   *
   * @return whether it matched
   * @throws athanor.error.AthanorException of kind RESOURCES if it cannot be read, of kind
   *     CANCELLED
   */
  public boolean verify(Entry entry, Progress progress, Cancellation cancellation) {
    try {
      progress.begin("verifying " + entry.path().getFileName(), entry.size(), 0);
      if (FileHash.sha256(entry.path(), progress, cancellation).equals(entry.sha256())) {
        return true;
      }
      remove(entry.sha256());
      return false;
    } catch (IOException e) {
      throw failed("a file of the cache cannot be read", e);
    } finally {
      progress.end();
    }
  }

  /** Where a download of this hash belongs; its folder exists afterwards. */
  Path placeFor(String sha256, String name) {
    return inFolder(root.resolve("files").resolve(sha256), name);
  }

  /** Where a download without a listed hash waits until its hash is known. */
  Path waitingPlaceFor(String identity, String name) {
    return inFolder(root.resolve("incoming").resolve(key(identity)), name);
  }

  private Path inFolder(Path folder, String name) {
    try {
      Files.createDirectories(folder);
      return folder.resolve(name);
    } catch (IOException e) {
      throw failed("the cache cannot be written", e);
    }
  }

  /** Takes in a complete file that lies at one of the two places. */
  Entry add(Path file, String sha256, RemoteFile remote) {
    try {
      Path place = placeFor(sha256, remote.localName());
      if (!file.equals(place)) {
        Files.move(file, place, StandardCopyOption.REPLACE_EXISTING);
        Files.deleteIfExists(file.getParent());
      }
      long size = Files.size(place);
      Json json =
          Json.of(
              Map.of(
                  "name", Json.of(remote.localName()),
                  "size", Json.of(size),
                  "modified", Json.of(Files.getLastModifiedTime(place).toMillis()),
                  "source", Json.of(remote.link().canonical()),
                  "added", Json.of(System.currentTimeMillis())));
      replace(place.resolveSibling(ENTRY), json.toBytes());
      return find(sha256).orElseThrow(() -> new IOException("the file changed meanwhile"));
    } catch (IOException e) {
      throw failed("the cache cannot be written", e);
    }
  }

  /** Remembers which hash these texts (links, identities) led to. */
  void remember(List<String> texts, String sha256) {
    try {
      for (String text : texts) {
        Path link = root.resolve("links").resolve(key(text));
        Files.createDirectories(link.getParent());
        replace(link, sha256.getBytes(StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      throw failed("the cache cannot be written", e);
    }
  }

  /** The file that this link or identity led to, if it is still here. */
  Optional<Entry> remembered(String text) {
    try {
      return find(Files.readString(root.resolve("links").resolve(key(text))).strip());
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Whether a file elsewhere was verified before and has not changed since. */
  boolean isVerified(Path file, String sha256) {
    try {
      return Files.readString(root.resolve("verified").resolve(sha256)).equals(stamp(file));
    } catch (IOException e) {
      return false;
    }
  }

  /** Remembers that a file elsewhere has this hash. */
  void verified(Path file, String sha256) {
    try {
      Path mark = root.resolve("verified").resolve(sha256);
      Files.createDirectories(mark.getParent());
      replace(mark, stamp(file).getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // It will be verified again next time.
    }
  }

  private static String stamp(Path file) throws IOException {
    return file.toAbsolutePath()
        + "\n"
        + Files.size(file)
        + "\n"
        + Files.getLastModifiedTime(file).toMillis();
  }

  private static void replace(Path file, byte[] content) throws IOException {
    Path fresh = Files.createTempFile(file.getParent(), ".new", null);
    Files.write(fresh, content);
    Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
  }

  private static String key(String text) {
    return Sha256.of(text.getBytes(StandardCharsets.UTF_8));
  }

  private RuntimeException failed(String what, IOException e) {
    return Problem.of(Kind.RESOURCES, what + " (" + e.getMessage() + ")")
        .at(root.toString())
        .help("check the folder, or set ATHANOR_CACHE to another one")
        .toException(e);
  }
}
