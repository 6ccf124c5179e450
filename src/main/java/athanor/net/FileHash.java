package athanor.net;

import athanor.progress.Cancellation;
import athanor.progress.Progress;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;

/** The SHA-256 of a file that is there. */
public final class FileHash {
  private static final int PIECE = 1 << 20;

  private FileHash() {}

  /**
   * Lower-case hex of the whole file.
   *
   * @throws IOException if it cannot be read
   * @throws athanor.error.AthanorException of kind CANCELLED if the work was cancelled
   */
  public static String sha256(Path file, Progress progress, Cancellation cancellation)
      throws IOException {
    MessageDigest digest = PrefixHash.sha256();
    byte[] piece = new byte[PIECE];
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      int count;
      while ((count = channel.read(ByteBuffer.wrap(piece))) > 0) {
        cancellation.check();
        digest.update(piece, 0, count);
        progress.advance(count, 0);
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
