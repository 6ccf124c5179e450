package athanor.file;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 of bytes, of streams and of parts of streams; in lower-case hex, 64 digits. */
public final class Sha256 {
  private Sha256() {}

  /** The hash of these bytes. */
  public static String of(byte[] bytes) {
    return HexFormat.of().formatHex(create().digest(bytes));
  }

  /** A hash in the making. */
  public static MessageDigest create() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** The hash of what was added; {@code digest} begins anew. */
  public static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Adds those bytes of a block at position {@code at} that lie in {@code [begin, end)}. */
  public static void updateRange(
      MessageDigest digest, byte[] block, int length, long at, long begin, long end) {
    long from = Math.max(at, begin);
    long to = Math.min(at + length, end);
    if (from < to) {
      digest.update(block, (int) (from - at), (int) (to - from));
    }
  }
}
