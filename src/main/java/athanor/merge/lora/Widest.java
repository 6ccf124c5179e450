package athanor.merge.lora;

import athanor.tensor.DType;
import java.util.Collection;

/** The narrowest type that holds values of several types. */
final class Widest {
  private Widest() {}

  /** fp16 and bf16 together give float32; types below 16 bits give fp16; float64 gives float32. */
  static DType of(Collection<DType> dtypes) {
    boolean wide = dtypes.contains(DType.F32) || dtypes.contains(DType.F64);
    boolean half = dtypes.contains(DType.F16);
    boolean brain = dtypes.contains(DType.BF16);
    if (wide || half && brain) {
      return DType.F32;
    }
    return brain ? DType.BF16 : DType.F16;
  }
}
