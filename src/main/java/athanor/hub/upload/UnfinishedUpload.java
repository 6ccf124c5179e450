package athanor.hub.upload;

import athanor.error.Kind;
import athanor.error.Problem;
import athanor.file.OwnerOnly;
import athanor.net.ExclusiveFile;
import athanor.net.Json;
import athanor.progress.Cancellation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * What is known of an object that is being sent in parts, kept so that a run after a crash sends no
 * part twice: a file whose first line is the plan and whose other lines are the parts that arrived.
 * It holds signed addresses: only its owner can read it, and it is removed when the object has
 * arrived. It is locked while it is open. Thread-safe.
 */
final class UnfinishedUpload implements AutoCloseable {
  private static final long LONGEST = 32 << 20;
  private static final Duration LIFE = Duration.ofDays(3);
  private static final Pattern NAME = Pattern.compile("[0-9a-f]{40}\\.jsonl");

  private final Path path;
  private final FileChannel channel;
  private final Consumer<String> notices;
  private final Map<Integer, String> arrived = new TreeMap<>();
  private Optional<MultipartPlan> plan = Optional.empty();
  private boolean told;

  private UnfinishedUpload(Path path, FileChannel channel, Consumer<String> notices) {
    this.path = path;
    this.channel = channel;
    this.notices = notices;
  }

  /**
   * Opens or creates what is known of an object; waits while another run sends the same one.
   *
   * @throws athanor.error.AthanorException of kind RESOURCES if it cannot be kept here
   */
  static UnfinishedUpload open(
      Path path, long size, Consumer<String> notices, Cancellation cancellation) {
    try {
      Path folder = Objects.requireNonNull(path.getParent());
      OwnerOnly.createFolder(folder);
      removeOld(folder);
      FileChannel channel =
          ExclusiveFile.open(
              path,
              () -> notices.accept("another run is sending this file; waiting for it"),
              cancellation,
              OwnerOnly.file());
      var upload = new UnfinishedUpload(path, channel, notices);
      upload.read(size);
      return upload;
    } catch (IOException e) {
      throw Problem.of(Kind.RESOURCES, "the state of the upload cannot be kept (" + e + ")")
          .at(path.toString())
          .help("check the folder, or set ATHANOR_CACHE to another one")
          .toException(e);
    }
  }

  /** Uploads that nobody went on with: their addresses are worth nothing any more. */
  private static void removeOld(Path folder) throws IOException {
    Instant old = Instant.now().minus(LIFE);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        boolean ours = NAME.matcher(String.valueOf(file.getFileName())).matches();
        if (ours && modified(file).isBefore(old)) {
          Files.deleteIfExists(file);
        }
      }
    } catch (NoSuchFileException e) {
      // Another run has removed it.
    }
  }

  private static Instant modified(Path file) throws IOException {
    return Files.getLastModifiedTime(file, LinkOption.NOFOLLOW_LINKS).toInstant();
  }

  private void read(long size) throws IOException {
    ByteBuffer content = ByteBuffer.allocate((int) Math.min(LONGEST, channel.size()));
    while (content.hasRemaining() && channel.read(content, content.position()) > 0) {
      // Until it is full.
    }
    String[] lines =
        new String(content.array(), 0, content.position(), StandardCharsets.UTF_8).split("\n", -1);
    plan = json(lines[0]).flatMap(json -> MultipartPlan.fromJson(json, size));
    // What follows the last line end was cut off by a crash.
    for (int i = 1; plan.isPresent() && i < lines.length - 1; i++) {
      json(lines[i]).ifPresent(this::remember);
    }
  }

  private void remember(Json line) {
    Optional<Long> part = line.get("part").whole();
    Optional<String> etag = line.get("etag").text();
    boolean known =
        part.isPresent() && part.get() >= 1 && part.get() <= plan.orElseThrow().addresses().size();
    if (known && etag.isPresent()) {
      arrived.put(part.get().intValue(), etag.get());
    }
  }

  private static Optional<Json> json(String line) {
    try {
      return Optional.of(Json.parse(line.getBytes(StandardCharsets.UTF_8)));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** The plan of an earlier run. */
  synchronized Optional<MultipartPlan> plan() {
    return plan;
  }

  /** Goes on by this plan; parts count further if it continues the one before. */
  synchronized void follow(MultipartPlan next) {
    if (plan.isEmpty() || !next.continues(plan.get())) {
      arrived.clear();
    }
    plan = Optional.of(next);
    write(() -> {
      channel.truncate(0);
      append(next.toJson());
      for (Map.Entry<Integer, String> part : arrived.entrySet()) {
        append(line(part.getKey(), part.getValue()));
      }
    });
  }

  /** A part has arrived. */
  synchronized void arrived(int number, String etag) {
    arrived.put(number, etag);
    write(() -> append(line(number, etag)));
  }

  /** The parts that arrived are of no use after all. */
  synchronized void forget() {
    arrived.clear();
    plan.ifPresent(this::follow);
  }

  /** The ETags of the parts that have arrived, by number. */
  synchronized Map<Integer, String> arrived() {
    return new TreeMap<>(arrived);
  }

  private static Json line(int number, String etag) {
    Map<String, Json> line = new LinkedHashMap<>();
    line.put("part", Json.of(number));
    line.put("etag", Json.of(etag));
    return Json.of(line);
  }

  private void append(Json json) throws IOException {
    byte[] text = json.toBytes();
    ByteBuffer line = ByteBuffer.allocate(text.length + 1).put(text).put((byte) '\n').flip();
    long at = channel.size();
    while (line.hasRemaining()) {
      at += channel.write(line, at);
    }
  }

  private interface Writing {
    void run() throws IOException;
  }

  /** Without its state an upload still works, it only cannot be continued. */
  private void write(Writing writing) {
    try {
      writing.run();
    } catch (IOException e) {
      if (!told) {
        notices.accept("the state of the upload cannot be kept: " + e.getMessage());
        told = true;
      }
    }
  }

  /** The object has arrived: nothing needs to be known any more. */
  void remove() {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      notices.accept("the state of the upload cannot be removed: " + path);
    }
  }

  /** Closes and unlocks it; the state stays unless it was removed or never held a plan. */
  @Override
  public synchronized void close() {
    if (plan.isEmpty()) {
      remove();
    }
    try {
      channel.close();
    } catch (IOException e) {
      // Nothing is left to write.
    }
  }
}
