package athanor.merge.plan;

import athanor.file.FileRange;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** Where the values of an output tensor come from. Thread-safe. */
public sealed interface TensorSource {

  /** Key, type and shape where they come from; the output may have another name for them. */
  TensorInfo info();

  /**
   * Copies packed bytes.
   *
   * @param offset first byte, relative to the tensor's packed values
   * @param target filled completely
   * @throws athanor.error.AthanorException if a file cannot be read or has become shorter
   */
  void read(long offset, MemorySegment target);

  /** Where the packed values lie in one piece in a file, if they do. */
  Optional<FileRange> range();

  /**
   * A tensor of an open file.
   *
   * @param file the base, or another file that gives a part of the result
   * @param info one of its tensors
   */
  record Stored(StateDict file, TensorInfo info) implements TensorSource {
    @Override
    public void read(long offset, MemorySegment target) {
      file.read(info, offset, target);
    }

    @Override
    public Optional<FileRange> range() {
      return file.range(info);
    }
  }

  /**
   * Values that are the same for every model of an architecture.
   *
   * @param info key, type and shape
   * @param values packed, little-endian
   */
  record Constant(TensorInfo info, MemorySegment values) implements TensorSource {

    /**
     * Keeps the segment as read-only.
     *
     * @throws IllegalArgumentException if the values do not fill the shape
     */
    public Constant {
      if (values.byteSize() != info.byteSize()) {
        throw new IllegalArgumentException(info + " is not filled by " + values.byteSize());
      }
      values = values.asReadOnly();
    }

    @Override
    public void read(long offset, MemorySegment target) {
      target.copyFrom(values.asSlice(offset, target.byteSize()));
    }

    /** Always empty. */
    @Override
    public Optional<FileRange> range() {
      return Optional.empty();
    }
  }
}
