package athanor.testkit.web.upload;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** An object that arrives in parts, in any order and perhaps more than once. */
final class MultipartUpload {
  private final String id;
  private final String oid;
  private final long size;
  private final long chunk;
  private final Path file;
  private final boolean keep;
  private final Map<Integer, String> etags = new TreeMap<>();
  private final MessageDigest digest = Bodies.sha256();
  private int hashed;
  private int sequence;

  MultipartUpload(String id, String oid, long size, long chunk, Path file, boolean keep) {
    this.id = id;
    this.oid = oid;
    this.size = size;
    this.chunk = chunk;
    this.file = file;
    this.keep = keep;
  }

  String id() {
    return id;
  }

  String oid() {
    return oid;
  }

  long size() {
    return size;
  }

  int parts() {
    return Math.toIntExact((size + chunk - 1) / chunk);
  }

  long chunk() {
    return chunk;
  }

  long length(int part) {
    return Math.min(chunk, size - (part - 1) * chunk);
  }

  Path file() {
    return file;
  }

  boolean isKept() {
    return keep;
  }

  /**
   * Takes a part and gives its ETag, quotes included; empty if the body was not as long as said.
   */
  Optional<String> take(int part, InputStream body) throws IOException {
    if (keep) {
      try (FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        channel.position((part - 1) * chunk);
        if (Bodies.copy(body, channel) != length(part)) {
          return Optional.empty();
        }
      }
    } else if (Bodies.count(body) != length(part)) {
      return Optional.empty();
    }
    return Optional.of(arrived(part));
  }

  private synchronized String arrived(int part) throws IOException {
    String etag = "\"%s-%d-%d\"".formatted(id, part, ++sequence);
    if (etags.put(part, etag) != null && part <= hashed) {
      digest.reset();
      hashed = 0;
    }
    if (keep) {
      hashOn();
    }
    return etag;
  }

  /** Hashes the parts that now follow without a gap, so that little is left for the end. */
  private void hashOn() throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer buffer = ByteBuffer.allocate(1 << 20);
      while (etags.containsKey(hashed + 1)) {
        channel.position(hashed * chunk);
        long left = length(hashed + 1);
        while (left > 0) {
          buffer.clear().limit((int) Math.min(left, buffer.capacity()));
          left -= channel.read(buffer);
          digest.update(buffer.flip());
        }
        hashed++;
      }
    }
  }

  /** Whether this part was sent last with this ETag. */
  synchronized boolean has(int part, String etag) {
    return etag.equals(etags.get(part));
  }

  /** Whether the parts make up the object; to be asked once. */
  synchronized boolean isWhole() {
    return etags.size() == parts()
        && (!keep || hashed == parts() && HexFormat.of().formatHex(digest.digest()).equals(oid));
  }
}
