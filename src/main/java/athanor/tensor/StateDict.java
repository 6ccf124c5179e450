package athanor.tensor;

import athanor.file.FileRange;
import athanor.file.InputFile;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An open state dict: tensors by key, read piece by piece from files. Only the structure is held in
 * memory. Reading is safe from several threads at once.
 */
public interface StateDict extends AutoCloseable {

  /** The file name, as messages show it. */
  String name();

  /** The container format. */
  Container container();

  /** Text metadata in file order; empty when the format has none. */
  Map<String, String> metadata();

  /** All tensors, in the order in which their values are stored. */
  List<TensorInfo> tensors();

  /** The tensor with this exact key. */
  Optional<TensorInfo> find(String key);

  /**
   * Copies packed, row-major, little-endian bytes of a tensor.
   *
   * @param tensor one of {@link #tensors()}
   * @param offset first byte, relative to the tensor's packed values
   * @param target filled completely
   * @throws athanor.error.AthanorException if the file cannot be read or has become shorter
   */
  void read(TensorInfo tensor, long offset, MemorySegment target);

  /**
   * Where the packed values lie in one piece in a file; empty for strided or compressed tensors.
   */
  Optional<FileRange> range(TensorInfo tensor);

  /** The files behind this state dict, the one the user named first. */
  List<InputFile> files();

  /** Whether all of it is on this computer; otherwise values cost requests, or cannot be read. */
  default boolean isHere() {
    return files().stream().allMatch(InputFile::isHere);
  }

  @Override
  void close();
}
