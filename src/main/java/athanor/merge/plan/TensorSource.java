package athanor.merge.plan;

import athanor.file.FileRange;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.util.List;
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
   * Bytes of several tensors of a file, one after another.
   *
   * @param file the file
   * @param info key, type and shape that they have together
   * @param parts which bytes of which tensors
   */
  record Joined(StateDict file, TensorInfo info, List<Part> parts) implements TensorSource {
    /** Copies the list. */
    public Joined {
      parts = List.copyOf(parts);
    }

    /**
     * Neighbouring bytes of a tensor.
     *
     * @param tensor the tensor
     * @param offset the first of them
     * @param bytes how many
     */
    public record Part(TensorInfo tensor, long offset, long bytes) {}

    @Override
    public void read(long offset, MemorySegment target) {
      long before = 0;
      long filled = 0;
      for (Part part : parts) {
        long skip = Math.max(0, offset + filled - before);
        long count = Math.min(part.bytes() - skip, target.byteSize() - filled);
        if (count > 0) {
          file.read(part.tensor(), part.offset() + skip, target.asSlice(filled, count));
          filled += count;
        }
        before += part.bytes();
      }
    }

    /** Where they lie, if they are bytes of one tensor only. */
    @Override
    public Optional<FileRange> range() {
      return parts.size() == 1
          ? file.range(parts.getFirst().tensor())
              .map(all ->
                  new FileRange(
                      all.file(),
                      all.position() + parts.getFirst().offset(),
                      parts.getFirst().bytes()))
          : Optional.empty();
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
