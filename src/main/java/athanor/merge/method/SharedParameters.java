package athanor.merge.method;

import athanor.merge.lora.LoraFormat;
import java.util.List;

/** Parameters that several methods have. */
final class SharedParameters {
  /** Names of modules in the result. */
  static final MethodParameter<LoraFormat> FORMAT =
      new MethodParameter<>(
          "format",
          List.of("--format"),
          "F",
          new ParameterType.Word<>("format of names", LoraFormat.NAMES, LoraFormat::parse),
          "Names in a LoRA result: " + LoraFormat.NAMES + "; default kohya.");

  /** Kohya's wish for factors side by side. */
  static final MethodParameter<Boolean> CONCAT =
      new MethodParameter<>(
          "concat",
          List.of("--concat"),
          "",
          ParameterType.asked(),
          "Accepted for kohya's sake: put factors side by side, as exact does.");

  private SharedParameters() {}
}
