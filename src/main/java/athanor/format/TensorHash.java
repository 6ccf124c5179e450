package athanor.format;

import athanor.file.Sha256;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Comparator;
import java.util.List;

/**
 * One hash of all tensors of a file, whatever the container, the order in it and the metadata:
 * SHA-256 over the tensors in the order of their keys, for each its key, its dtype and its shape,
 * each followed by a zero byte, and its values.
 */
public final class TensorHash {
  private static final int BLOCK = 1 << 20;

  private TensorHash() {}

  /**
   * Reads every tensor once.
   *
   * @param progress receives bytes
   * @return 64 lower-case hex digits
   * @throws athanor.error.AthanorException of kind BAD_FILE if the file cannot be read; of kind
   *     CANCELLED
   */
  public static String of(StateDict file, Progress progress, Cancellation cancellation) {
    List<TensorInfo> tensors =
        file.tensors().stream().sorted(Comparator.comparing(TensorInfo::key)).toList();
    MessageDigest hash = Sha256.create();
    byte[] block = new byte[BLOCK];
    progress.begin(
        "hashing the tensors of " + file.name(),
        tensors.stream().mapToLong(TensorInfo::byteSize).sum(),
        tensors.size());
    try {
      for (TensorInfo tensor : tensors) {
        String frame = tensor.key() + "\0" + tensor.dtype() + "\0" + tensor.shape() + "\0";
        hash.update(frame.getBytes(StandardCharsets.UTF_8));
        for (long at = 0; at < tensor.byteSize(); at += BLOCK) {
          cancellation.check();
          int length = (int) Math.min(BLOCK, tensor.byteSize() - at);
          file.read(tensor, at, MemorySegment.ofArray(block).asSlice(0, length));
          hash.update(block, 0, length);
          progress.advance(length, 0);
        }
        progress.advance(0, 1);
      }
    } finally {
      progress.end();
    }
    return Sha256.hex(hash);
  }
}
