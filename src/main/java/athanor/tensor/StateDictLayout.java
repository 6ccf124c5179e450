package athanor.tensor;

import athanor.file.OutputFile;
import java.util.List;

/**
 * The plan of an output file: which tensors it holds and at which byte each begins, known before
 * the first value is written. Values may then be written in any order and from several threads; the
 * frame around them (header, directory) is written by {@link #writeFrame}. Immutable.
 */
public interface StateDictLayout {

  /** The tensors in the order in which their values are stored. */
  List<TensorInfo> tensors();

  /** Absolute position in the file of the first byte of {@code tensors().get(index)}. */
  long position(int index);

  /** Size of the finished file in bytes. */
  long size();

  /** Whether {@link #writeFrame} needs the CRC-32 of each tensor's bytes. */
  boolean needsChecksums();

  /**
   * Writes everything but the values.
   *
   * @param output the file
   * @param crc32 CRC-32 of each tensor's packed bytes, by index; ignored unless {@link
   *     #needsChecksums()}
   */
  void writeFrame(OutputFile output, int[] crc32);
}
