package athanor.kernel;

import athanor.tensor.DType;

/** Where the finite range of each stored type ends, seen from float32. */
final class Limits {
  private static final int INFINITY = 0x7F80_0000;

  /** 65520, half a step above the largest F16: a tie that goes to infinity. */
  private static final int F16_OVERFLOW = 0x477F_F000;

  /** Half a step above the largest BF16. */
  private static final int BF16_OVERFLOW = 0x7F7F_8000;

  private Limits() {}

  /** Float32 bits of the least magnitude that is stored as infinity or saturates; NaN is above. */
  static int saturation(DType dtype) {
    return switch (dtype) {
      case F64, F32 -> INFINITY;
      case F16 -> F16_OVERFLOW;
      case BF16 -> BF16_OVERFLOW;
      case F8_E4M3 -> Float8.E4M3.saturation;
      case F8_E5M2 -> Float8.E5M2.saturation;
      default -> throw notArithmetic(dtype);
    };
  }

  static IllegalArgumentException notArithmetic(DType dtype) {
    return new IllegalArgumentException(
        "dtype: " + dtype + " (expected: F64, F32, F16, BF16, F8_E4M3 or F8_E5M2)");
  }

  static IllegalArgumentException notPrecision(DType dtype) {
    return new IllegalArgumentException("precision: " + dtype + " (expected: F32, F16 or BF16)");
  }
}
