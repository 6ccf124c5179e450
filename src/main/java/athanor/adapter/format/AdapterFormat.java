package athanor.adapter.format;

import athanor.tensor.TensorInfo;
import java.util.List;

/**
 * A way of storing a change of weights. A file may mix formats, and so may a module. Without state;
 * safe for use by several threads.
 */
public sealed interface AdapterFormat permits MergingFormat, WrappingFormat, RecognisedFormat {
  /** The name people know it by. */
  String label();

  /** The ends of its tensors' keys, without {@code .alpha} and {@code .scale}, which all share. */
  List<Suffix> suffixes();

  /**
   * Whether a tensor behind one of its suffixes is of this format: formats that share a suffix tell
   * themselves apart by shape. One suffix that several claim even so goes to the format that the
   * module is of already, else to the first in the list.
   */
  default boolean claims(Part part, TensorInfo tensor) {
    return true;
  }

  /**
   * Whether a tensor that belongs to nothing else in an adapter is of this format, behind one of
   * its suffixes {@link Suffix#inAdapter}.
   *
   * @param module what stands before the suffix
   * @param part the part that the suffix names
   * @param config the configuration that comes with the file
   */
  default boolean claimsStray(String module, Part part, PeftConfig config) {
    return false;
  }

  /**
   * Whether a module means the same under another name and without the configuration of its file.
   * Otherwise it cannot be spelled as another trainer would.
   */
  default boolean meansTheSameAnywhere() {
    return true;
  }

  /**
   * What a file with such modules is called in tables.
   *
   * @param modules its modules of this format, at least one
   */
  default String kind(List<ModuleTensors> modules) {
    return label();
  }
}
