package athanor.merge.lora;

import athanor.adapter.AdapterModule;
import athanor.merge.plan.PlannedLora;
import athanor.tensor.DType;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * The type in which a LoRA is stored unless the user names one: the narrowest of fp16, bf16 and
 * fp32 that holds the values of every input without loss.
 */
public final class LosslessType {
  private LosslessType() {}

  /** fp16 and bf16 together give float32; types below 16 bits give fp16; float64 gives float32. */
  public static DType of(Collection<DType> dtypes) {
    boolean wide = dtypes.contains(DType.F32) || dtypes.contains(DType.F64);
    boolean half = dtypes.contains(DType.F16);
    boolean brain = dtypes.contains(DType.BF16);
    if (wide || half && brain) {
      return DType.F32;
    }
    return brain ? DType.BF16 : DType.F16;
  }

  /** The same for the factors of several LoRAs. */
  public static DType ofFactors(List<PlannedLora> loras) {
    Set<DType> types = EnumSet.noneOf(DType.class);
    for (PlannedLora lora : loras) {
      for (AdapterModule module : lora.match().file().modules()) {
        module
            .tensors()
            .forEach((part, tensor) -> {
              if (!part.isScalar()) {
                types.add(tensor.dtype());
              }
            });
      }
    }
    return of(types);
  }
}
