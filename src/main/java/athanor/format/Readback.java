package athanor.format;

import athanor.error.Kind;
import athanor.error.Problem;
import athanor.file.InputFile;
import athanor.file.OutputFile;
import athanor.file.Sha256;
import athanor.tensor.StateDict;
import athanor.tensor.StateDictLayout;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.security.MessageDigest;

/**
 * Reads a finished output back as any other program would, before it gets its name: its structure
 * always, and all of its bytes where the hash of what was written is known and the file is small
 * enough to be still in the system's cache, so that nothing waits for a disk.
 */
public final class Readback {
  private static final long CACHED_BYTES = 64L << 20;
  private static final int BLOCK = 1 << 20;

  private Readback() {}

  /**
   * Returns if the sealed output holds the planned tensors, and the written bytes as far as they
   * are compared.
   *
   * @throws athanor.error.AthanorException of kind VERIFICATION if it does not, or cannot be read
   */
  public static void verify(OutputFile output, StateDictLayout layout) {
    if (output.sha256().isPresent() && layout.size() <= CACHED_BYTES) {
      verifyBytes(output, output.sha256().get());
    }
    try (StateDict written = output.readBack(StateDicts::open)) {
      if (!written.tensors().equals(layout.tensors())) {
        throw Problem.of(Kind.VERIFICATION, "the written file does not hold the planned tensors")
            .at(output.path().toString())
            .found(written.tensors().size() + " tensors")
            .expected(layout.tensors().size() + " tensors")
            .toException();
      }
    }
  }

  private static void verifyBytes(OutputFile output, String written) {
    String found = output.readBack(Readback::sha256);
    if (!found.equals(written)) {
      throw Problem.of(Kind.VERIFICATION, "the disk returns other bytes than were written")
          .at(output.path().toString())
          .found("SHA-256 " + found)
          .expected(written)
          .help("check the disk; the file was discarded")
          .toException();
    }
  }

  private static String sha256(Path path) {
    MessageDigest digest = Sha256.create();
    byte[] block = new byte[BLOCK];
    try (InputFile file = InputFile.open(path)) {
      for (long at = 0; at < file.size(); at += BLOCK) {
        int length = (int) Math.min(BLOCK, file.size() - at);
        file.read(at, MemorySegment.ofArray(block).asSlice(0, length));
        digest.update(block, 0, length);
      }
    }
    return Sha256.hex(digest);
  }
}
