package athanor.safetensors;

import athanor.tensor.TensorInfo;
import java.lang.foreign.MemorySegment;

/**
 * A tensor with its values.
 *
 * @param info key, dtype and shape
 * @param values packed, row-major, little-endian; shared, not copied
 */
public record InMemoryTensor(TensorInfo info, MemorySegment values) {

  /**
   * Checks that the values fill the shape.
   *
   * @throws IllegalArgumentException if they have another size
   */
  public InMemoryTensor {
    if (values.byteSize() != info.byteSize()) {
      throw new IllegalArgumentException(
          info + " takes " + info.byteSize() + " bytes, not " + values.byteSize());
    }
  }

  /** A tensor over an array, not copied. */
  public static InMemoryTensor of(TensorInfo info, byte[] values) {
    return new InMemoryTensor(info, MemorySegment.ofArray(values));
  }
}
