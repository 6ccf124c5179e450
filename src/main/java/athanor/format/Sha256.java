package athanor.format;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** SHA-256 of parts of a stream. */
final class Sha256 {
  private Sha256() {}

  static MessageDigest create() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  static String hex(MessageDigest digest) {
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Adds those bytes of a block at position {@code at} that lie in {@code [begin, end)}. */
  static void updateRange(
      MessageDigest digest, byte[] block, int length, long at, long begin, long end) {
    long from = Math.max(at, begin);
    long to = Math.min(at + length, end);
    if (from < to) {
      digest.update(block, (int) (from - at), (int) (to - from));
    }
  }
}
