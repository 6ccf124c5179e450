package athanor.merge.lora;

import athanor.adapter.AdapterModule;
import athanor.adapter.Role;
import athanor.merge.PlannedLora;
import athanor.tensor.DType;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** The type in which a merged LoRA is stored unless the user names one. */
final class StoredType {
  private StoredType() {}

  /**
   * The narrowest of fp16, bf16 and fp32 that holds the factors of every input without loss: fp32
   * for fp16 besides bf16, as neither holds the other; fp16 for fp8.
   */
  static DType widest(List<PlannedLora> loras) {
    Set<DType> types = EnumSet.noneOf(DType.class);
    for (PlannedLora lora : loras) {
      for (AdapterModule module : lora.match().file().modules()) {
        module
            .tensors()
            .forEach((role, tensor) -> {
              if (role != Role.ALPHA && role != Role.SCALE) {
                types.add(tensor.dtype());
              }
            });
      }
    }
    boolean wide = types.contains(DType.F32) || types.contains(DType.F64);
    boolean half = types.contains(DType.F16);
    boolean brain = types.contains(DType.BF16);
    if (wide || half && brain) {
      return DType.F32;
    }
    return brain ? DType.BF16 : DType.F16;
  }
}
