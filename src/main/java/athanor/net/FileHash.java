package athanor.net;

import athanor.file.InputFile;
import athanor.file.Sha256;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;

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
    MessageDigest digest = Sha256.create();
    byte[] piece = new byte[PIECE];
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      int count;
      while ((count = channel.read(ByteBuffer.wrap(piece))) > 0) {
        cancellation.check();
        digest.update(piece, 0, count);
        progress.advance(count, 0);
      }
    }
    return Sha256.hex(digest);
  }

  /**
   * Lower-case hex of the whole of an open file.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if it cannot be read, of kind CANCELLED
   *     if the work was cancelled
   */
  public static String sha256(InputFile file, Progress progress, Cancellation cancellation) {
    MessageDigest digest = Sha256.create();
    byte[] piece = new byte[(int) Math.min(PIECE, file.size())];
    for (long at = 0; at < file.size(); at += piece.length) {
      cancellation.check();
      int count = (int) Math.min(piece.length, file.size() - at);
      file.read(at, MemorySegment.ofArray(piece).asSlice(0, count));
      digest.update(piece, 0, count);
      progress.advance(count, 0);
    }
    return Sha256.hex(digest);
  }
}
