package athanor.tensor;

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

  /** This tensor stored as another type. */
  public TensorInfo withDType(DType other) {
    return new TensorInfo(key, other, shape);
  }
}
