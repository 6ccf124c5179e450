package athanor.format;

import athanor.file.InputFile;
import athanor.file.Sha256;
import athanor.progress.Progress;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * The hashes by which web sites and other programs know a model file, in lower-case hex.
 *
 * @param sha256 of the whole file, 64 digits; A1111's "sha256"
 * @param autoV1 Civitai AutoV1 and A1111's old "model hash": the first 8 digits of the SHA-256 of
 *     the bytes [0x100000, 0x110000); {@code e3b0c442} for a file that ends before
 * @param autoV2 Civitai AutoV2 and A1111's short hash: the first 10 digits of {@code sha256}
 * @param autoV3 Civitai AutoV3: SHA-256 of everything after the safetensors header, 64 digits (the
 *     site keeps 12); equal to {@code sshs_model_hash} for files in the reference order
 */
public record FileHashes(String sha256, String autoV1, String autoV2, String autoV3) {
  private static final long V1_BEGIN = 0x100000;
  private static final long V1_END = 0x110000;
  private static final long V3_LONGEST_HEADER = 16L << 20;
  private static final int BLOCK = 4 << 20;

  /**
   * Computes all of them in one pass.
   *
   * @param file any file, also one that is not safetensors: AutoV3 does not ask
   * @param progress receives bytes
   * @throws athanor.error.AthanorException of kind BAD_FILE if the file cannot be read or changes
   */
  public static FileHashes of(InputFile file, Progress progress) {
    var whole = Sha256.create();
    var old = Sha256.create();
    var values = Sha256.create();
    long valuesBegin = valuesBegin(file);
    byte[] block = new byte[(int) Math.min(BLOCK, Math.max(1, file.size()))];
    progress.begin("hashing " + file.name(), file.size(), 0);
    try {
      for (long at = 0; at < file.size(); at += block.length) {
        int length = (int) Math.min(block.length, file.size() - at);
        file.read(at, MemorySegment.ofArray(block).asSlice(0, length));
        whole.update(block, 0, length);
        Sha256.updateRange(old, block, length, at, V1_BEGIN, V1_END);
        Sha256.updateRange(values, block, length, at, valuesBegin, Long.MAX_VALUE);
        progress.advance(length, 0);
      }
    } finally {
      progress.end();
    }
    file.verifyUnchanged();
    String sha256 = Sha256.hex(whole);
    return new FileHashes(
        sha256, Sha256.hex(old).substring(0, 8), sha256.substring(0, 10), Sha256.hex(values));
  }

  /**
   * {@link #autoV1} alone, which takes reading 64 KiB.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if the file cannot be read
   */
  public static String autoV1(InputFile file) {
    var digest = Sha256.create();
    long end = Math.min(V1_END, file.size());
    if (end > V1_BEGIN) {
      digest.update(file.readBytes(V1_BEGIN, (int) (end - V1_BEGIN)));
    }
    return Sha256.hex(digest).substring(0, 8);
  }

  /** 8 + N, or 8 if N is unbelievable. */
  private static long valuesBegin(InputFile file) {
    if (file.size() < 8) {
      return Long.MAX_VALUE;
    }
    long length = ByteBuffer.wrap(file.readBytes(0, 8)).order(ByteOrder.LITTLE_ENDIAN).getLong();
    return Long.compareUnsigned(length, V3_LONGEST_HEADER) >= 0 ? 8 : 8 + length;
  }
}
