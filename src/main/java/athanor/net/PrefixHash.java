package athanor.net;

import athanor.file.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The SHA-256 of a file in the making: a thread of its own follows the growing beginning and reads
 * it back while it is still in the system's cache, so that receiving never waits for hashing and
 * bytes of an earlier run are covered as well.
 */
final class PrefixHash {
  private static final int PIECE = 1 << 20;

  private final CompletableFuture<Optional<String>> result = new CompletableFuture<>();

  private PrefixHash() {}

  static PrefixHash follow(FileChannel file, ReceivedBytes receivedBytes) {
    var hash = new PrefixHash();
    Thread.ofPlatform().daemon().name("hash-download").start(() -> hash.run(file, receivedBytes));
    return hash;
  }

  private void run(FileChannel file, ReceivedBytes receivedBytes) {
    try {
      MessageDigest digest = Sha256.create();
      byte[] piece = new byte[PIECE];
      long done = 0;
      long end;
      while ((end = receivedBytes.awaitPrefixBeyond(done)) > done) {
        while (done < end) {
          var buffer = ByteBuffer.wrap(piece, 0, (int) Math.min(PIECE, end - done));
          int count = file.read(buffer, done);
          if (count <= 0) {
            throw new IOException("the file became shorter while it was downloaded");
          }
          digest.update(piece, 0, count);
          done += count;
        }
      }
      result.complete(end < 0 ? Optional.empty() : Optional.of(Sha256.hex(digest)));
    } catch (IOException | InterruptedException | RuntimeException e) {
      result.completeExceptionally(e);
    }
  }

  /** Lower-case hex of the complete file; empty if the download was abandoned. Waits for it. */
  CompletableFuture<Optional<String>> result() {
    return result;
  }
}
