package athanor.model.known;

import athanor.model.Recognition;
import athanor.model.table.KeySet;
import athanor.tensor.DType;
import athanor.tensor.TensorInfo;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Ways to store weights as codes of a few bits, told by what stands beside the codes. Scaled fp8 is
 * not among them: such checkpoints are recognised with a trait.
 */
public enum Quantisation {
  BITSANDBYTES_NF4(
      "a model quantised with bitsandbytes to 4 bits (nf4)",
      keys -> keys.anyEndsWith(".quant_state.bitsandbytes__nf4")),
  BITSANDBYTES_FP4(
      "a model quantised with bitsandbytes to 4 bits (fp4)",
      keys -> keys.anyEndsWith(".quant_state.bitsandbytes__fp4")),
  BITSANDBYTES_4_BIT(
      "a model quantised with bitsandbytes to 4 bits",
      keys -> keys.anyEndsWith(".weight.absmax") && keys.anyEndsWith(".weight.quant_map")),
  BITSANDBYTES_INT8(
      "a model quantised with bitsandbytes to int8",
      keys -> keys.anyEndsWith(".SCB") && anyCodes(keys, DType.I8)),
  NUNCHAKU(
      "a model quantised for Nunchaku (SVDQuant)",
      keys -> keys.anyEndsWith(".qweight") && keys.anyEndsWith(".wscales")),
  GPTQ("a model quantised with GPTQ or AWQ", keys -> keys.anyEndsWith(".qweight")),
  QUANTO(
      "a model quantised with quanto",
      keys -> keys.anyEndsWith(".weight._data") || keys.anyEndsWith(".weight._scale")),
  NVFP4("a model quantised to nvfp4", keys -> keys.anyEndsWith(".weight_scale_2")),
  INT8(
      "a model quantised to int8, with scales",
      keys ->
          anyCodes(keys, DType.I8)
              && (keys.anyEndsWith(".weight_scale") || keys.anyEndsWith(".scale_weight")));

  private static final String ADVICE = "use an fp16, bf16 or fp32 version of this checkpoint";

  private final String what;
  private final Predicate<KeySet> test;

  Quantisation(String what, Predicate<KeySet> test) {
    this.what = what;
    this.test = test;
  }

  /** How the weights of a file are quantised; empty if they are plain. */
  public static Optional<Quantisation> of(KeySet keys) {
    return Arrays.stream(values()).filter(one -> one.test.test(keys)).findFirst();
  }

  /** What to say of such a file. */
  public Recognition recognition() {
    return new Recognition.Quantised(what, ADVICE);
  }

  private static boolean anyCodes(KeySet keys, DType type) {
    for (TensorInfo tensor : keys.tensors().values()) {
      if (tensor.dtype() == type && tensor.key().endsWith(".weight")) {
        return true;
      }
    }
    return false;
  }
}
