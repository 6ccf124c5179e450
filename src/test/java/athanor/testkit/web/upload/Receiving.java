package athanor.testkit.web.upload;

import athanor.testkit.web.Answer;
import athanor.testkit.web.Ask;
import athanor.testkit.web.Blob;
import athanor.testkit.web.FakeStorage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where bodies are put: the storage's origin. As S3 does, it takes no credentials besides the
 * address, no chunked coding, no address that differs in one byte or has expired, and it does not
 * care what the bytes are. Bodies go to files.
 */
public final class Receiving implements AutoCloseable {
  private static final DateTimeFormatter DATE =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);
  private static final String PLAIN = "/put/plain/body";

  private final FakeStorage storage;
  private final StoredObjects objects;
  private final Map<String, Grant> grants = new ConcurrentHashMap<>();
  private final List<Receipt> receipts = new CopyOnWriteArrayList<>();
  private final AtomicLong serial = new AtomicLong();
  private volatile Duration validity = Duration.ofMinutes(15);
  private volatile long validFrom;
  private volatile boolean discard;
  private @Nullable Path folder;

  Receiving(FakeStorage storage, StoredObjects objects, Troubles troubles) {
    this.storage = storage;
    this.objects = objects;
    storage.routes().add("PUT", PLAIN, this::plain);
    storage.routes().add("PUT", "/put/{rest}", troubles.around(Step.PUT, this::put));
  }

  /** Addresses signed from now on expire after this time. */
  public void linksExpireAfter(Duration time) {
    validity = time;
  }

  /** Everything signed so far is refused from now on. */
  public void expireAll() {
    validFrom = serial.get() + 1;
  }

  /**
   * From now on bodies are only counted, neither kept nor hashed: objects count as complete when
   * they have the right length. For measuring clients.
   */
  public void discard() {
    discard = true;
  }

  /** Bodies are kept again. */
  public void keep() {
    discard = false;
  }

  /** Every PUT under a good address, with what it was for. */
  public List<Receipt> receipts() {
    return receipts;
  }

  /** Bytes that arrived for an object in all, repeated ones counted again. */
  public long received(String oid) {
    return receipts.stream()
        .filter(receipt -> receipt.oid().equals(oid))
        .mapToLong(receipt -> receipt.request().received())
        .sum();
  }

  /** Bytes that arrived for a part of an object, one number for each attempt. */
  public List<Long> received(String oid, int part) {
    return receipts.stream()
        .filter(receipt -> receipt.oid().equals(oid) && receipt.part() == part)
        .map(receipt -> receipt.request().received())
        .toList();
  }

  /** An address that takes any body again and again, stores and hashes it, and forgets it. */
  public URI plainAddress() {
    return storage.address().resolve(PLAIN);
  }

  /** Signs an address for a whole object. */
  URI sign(String oid, long size) {
    return sign(oid, null, 0, size);
  }

  /** Signs an address for a part. */
  URI sign(MultipartUpload upload, int part) {
    return sign(upload.oid(), upload, part, upload.length(part));
  }

  MultipartUpload begin(String oid, long size, long chunk) {
    String id = "upload~%d.%s".formatted(serial.incrementAndGet(), oid.substring(0, 8));
    return new MultipartUpload(id, oid, size, chunk, folder().resolve(id), !discard);
  }

  private URI sign(String oid, @Nullable MultipartUpload upload, int part, long length) {
    long number = serial.incrementAndGet();
    Instant now = Instant.now();
    // Characters that a client must not decode, encode or sort.
    String query =
        "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKFAKE%2F20260101%2Fus-east-1"
            + "&X-Amz-Date="
            + DATE.format(now)
            + "&X-Amz-Expires="
            + validity.toSeconds()
            + "&X-Amz-Signature=ab%2Bc~d%7Ee+f"
            + number
            + (upload == null ? "" : "&partNumber=" + part + "&uploadId=" + upload.id())
            + "&x-id=PutObject";
    String target = "/put/repos/" + oid.substring(0, 2) + "/" + oid + query;
    grants.put(target, new Grant(number, oid, upload, part, length, now.plus(validity)));
    return URI.create(storage.address() + target);
  }

  private Answer put(Ask ask) throws IOException {
    Grant grant = grants.get(ask.seen().target());
    if (ask.header("Authorization").isPresent() || ask.header("Cookie").isPresent()) {
      return hangUp(
          Answer.xml(400, "InvalidArgument", "Only one auth mechanism allowed; only the query"));
    }
    if (ask.header("Transfer-Encoding").isPresent()) {
      return hangUp(
          Answer.xml(501, "NotImplemented", "A header you provided implies functionality"));
    }
    if (grant == null) {
      return hangUp(Answer.xml(403, "SignatureDoesNotMatch", "The signature does not match"));
    }
    if (grant.serial() < validFrom || grant.expires().isBefore(Instant.now())) {
      return hangUp(Answer.xml(403, "AccessDenied", "Request has expired"));
    }
    if (!ask.header("Content-Length").equals(Optional.of(Long.toString(grant.length())))) {
      return hangUp(Answer.xml(400, "IncompleteBody", "Not the number of bytes that was signed"));
    }
    return take(ask, grant);
  }

  /** A refusal before the body was read. */
  private static Answer hangUp(Answer answer) {
    return answer.with("Connection", "close");
  }

  private Answer take(Ask ask, Grant grant) throws IOException {
    MultipartUpload upload = grant.upload();
    receipts.add(
        new Receipt(
            grant.oid(),
            upload == null ? "" : upload.id(),
            grant.part(),
            grant.length(),
            ask.seen()));
    if (upload == null) {
      return whole(ask, grant);
    }
    String etag =
        upload.take(grant.part(), ask.body()).orElseThrow(() -> new IOException("body cut"));
    return Answer.status(200).with("ETag", etag);
  }

  private Answer whole(Ask ask, Grant grant) throws IOException {
    Path file = folder().resolve("whole-" + serial.incrementAndGet());
    Blob blob = discard ? count(ask, grant.oid()) : store(ask, file);
    if (blob.size() != grant.length()) {
      throw new IOException("body cut");
    }
    if (blob.sha256().equals(grant.oid())) {
      complete(blob);
    }
    return Answer.status(200).with("ETag", "\"" + blob.sha256().substring(0, 32) + "\"");
  }

  private static Blob count(Ask ask, String oid) throws IOException {
    return new StoredObjects.Counted(Bodies.count(ask.body()), oid);
  }

  private static Blob store(Ask ask, Path file) throws IOException {
    var digest = Bodies.sha256();
    try (FileChannel out =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      long size = Bodies.copy(ask.body(), out, digest);
      return new StoredObjects.FileBlob(file, size, HexFormat.of().formatHex(digest.digest()));
    }
  }

  private Answer plain(Ask ask) throws IOException {
    Path file = folder().resolve("plain-" + serial.incrementAndGet());
    Blob blob = discard ? count(ask, "0".repeat(64)) : store(ask, file);
    Files.deleteIfExists(file);
    return Answer.status(200).with("ETag", "\"" + blob.sha256().substring(0, 32) + "\"");
  }

  /** The object is there, for commits and for downloads. */
  void complete(Blob blob) {
    objects.add(blob);
    storage.put(blob);
  }

  /** Where bodies are kept; made when the first one comes. */
  private synchronized Path folder() {
    try {
      if (folder == null) {
        folder = Files.createTempDirectory("fake-hub");
      }
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public synchronized void close() {
    if (folder == null) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
