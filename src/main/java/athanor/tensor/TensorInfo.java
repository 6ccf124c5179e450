package athanor.tensor;

import athanor.error.Kind;
import athanor.error.Problem;

/**
 * What is known of a tensor without reading its values.
 *
 * @param key its name in the state dict
 * @param dtype element type
 * @param shape row-major dimensions
 */
public record TensorInfo(String key, DType dtype, Shape shape) {

  /**
   * Size of the packed values in bytes.
   *
   * @throws ArithmeticException if it exceeds a {@code long} or is not a whole number of bytes
   */
  public long byteSize() {
    long bits = Math.multiplyExact(shape.elementCount(), (long) dtype.bits());
    if (bits % 8 != 0) {
      throw new ArithmeticException(key + ": " + bits + " bits are not whole bytes");
    }
    return bits / 8;
  }

  /** The most elements that one Java array holds, on every virtual machine. */
  public static final int MOST_IN_MEMORY = Integer.MAX_VALUE - 8;

  /**
   * Number of elements, for work that holds all values of a tensor in one array.
   *
   * @throws athanor.error.AthanorException of kind RESOURCES if there are more than {@link
   *     #MOST_IN_MEMORY}
   */
  public int elementsInMemory() {
    long count = shape.elementCount();
    if (count > MOST_IN_MEMORY) {
      throw Problem.of(Kind.RESOURCES, "a tensor is too large to be worked on as a whole")
          .at(key)
          .found(dtype + " " + shape + ", " + count + " elements")
          .expected("at most " + MOST_IN_MEMORY + " elements")
          .toException();
    }
    return (int) count;
  }

  /** This tensor stored as another type. */
  public TensorInfo withDType(DType other) {
    return new TensorInfo(key, other, shape);
  }
}
