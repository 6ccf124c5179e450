package athanor.testkit.web;

import java.io.IOException;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Content of a stored file. */
public interface Blob {

  /** Size in bytes. */
  long size();

  /** Writes bytes {@code [from, to)}. */
  void write(OutputStream out, long from, long to) throws IOException;

  /** Lower-case hex. */
  String sha256();

  /** These bytes. */
  static Blob of(byte[] bytes) {
    return new Bytes(bytes, digest("SHA-256", bytes));
  }

  /** Bytes in memory. */
  @SuppressWarnings("ArrayRecordComponent") // handed over without copying
  record Bytes(byte[] bytes, String sha256) implements Blob {
    @Override
    public long size() {
      return bytes.length;
    }

    @Override
    public void write(OutputStream out, long from, long to) throws IOException {
      out.write(bytes, (int) from, (int) (to - from));
    }
  }

  /** A pattern of any size that costs nothing to keep: one block again and again. */
  static Blob repeated(byte[] block, long size) {
    var content = new Repeated(block, size, "");
    return new Repeated(block, size, content.digest());
  }

  /** A pattern; {@code sha256} is computed once. */
  @SuppressWarnings("ArrayRecordComponent") // handed over without copying
  record Repeated(byte[] block, long size, String sha256) implements Blob {
    @Override
    public void write(OutputStream out, long from, long to) throws IOException {
      long at = from;
      while (at < to) {
        int offset = (int) (at % block.length);
        int count = (int) Math.min(block.length - offset, to - at);
        out.write(block, offset, count);
        at += count;
      }
    }

    private String digest() {
      try {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        write(
            new OutputStream() {
              @Override
              public void write(int b) {
                digest.update((byte) b);
              }

              @Override
              public void write(byte[] bytes, int offset, int length) {
                digest.update(bytes, offset, length);
              }
            },
            0,
            size);
        return HexFormat.of().formatHex(digest.digest());
      } catch (IOException | NoSuchAlgorithmException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  /** Lower-case hex of a digest. */
  static String digest(String algorithm, byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
