package athanor.testkit.web.upload;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Reads bodies of any size through one large buffer. */
final class Bodies {
  private static final int BUFFER = 1 << 20;

  private Bodies() {}

  /** Copies everything and gives its length. */
  static long copy(InputStream body, WritableByteChannel out) throws IOException {
    byte[] buffer = new byte[BUFFER];
    long total = 0;
    int count = body.readNBytes(buffer, 0, BUFFER);
    while (count > 0) {
      ByteBuffer read = ByteBuffer.wrap(buffer, 0, count);
      while (read.hasRemaining()) {
        out.write(read);
      }
      total += count;
      count = body.readNBytes(buffer, 0, BUFFER);
    }
    return total;
  }

  /** Copies and hashes everything and gives its length. */
  static long copy(InputStream body, WritableByteChannel out, MessageDigest digest)
      throws IOException {
    return copy(body, new Hashing(out, digest));
  }

  /** Reads everything and gives its length. */
  static long count(InputStream body) throws IOException {
    byte[] buffer = new byte[BUFFER];
    long total = 0;
    for (int count = 0; count >= 0; count = body.read(buffer)) {
      total += count;
    }
    return total;
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private record Hashing(WritableByteChannel out, MessageDigest digest)
      implements WritableByteChannel {
    @Override
    public int write(ByteBuffer bytes) throws IOException {
      ByteBuffer same = bytes.duplicate();
      int count = out.write(bytes);
      digest.update(same.limit(same.position() + count));
      return count;
    }

    @Override
    public boolean isOpen() {
      return out.isOpen();
    }

    @Override
    public void close() throws IOException {
      out.close();
    }
  }
}
