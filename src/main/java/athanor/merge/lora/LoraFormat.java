package athanor.merge.lora;

import athanor.error.Problem;
import athanor.model.Target;
import athanor.model.naming.Dialect;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** The spellings in which a LoRA can be written. */
public enum LoraFormat {
  /** Module names with underscores, {@code lora_up}, {@code lora_down} and {@code alpha}. */
  KOHYA(Dialect.KOHYA, true),
  /**
   * Module names of diffusers with dots, {@code lora_B} and {@code lora_A}; no alpha is stored, so
   * readers take it to be the rank. There is no place for full differences.
   */
  PEFT(Dialect.DIFFUSERS, false),
  /** {@code diffusion_model.} and the names of ComfyUI's checkpoints, the rest as kohya's. */
  COMFY(Dialect.COMFY, true),
  /** OneTrainer's names, which are those of diffusers, dotted or flattened; the rest as kohya's. */
  ONETRAINER(Dialect.ONETRAINER, true),
  /** ai-toolkit's names, {@code lora_B} and {@code lora_A} without alpha or configuration. */
  AI_TOOLKIT(Dialect.AI_TOOLKIT, false);

  /** Their names as a list for messages and help. */
  public static final String NAMES = "kohya, peft, comfy, onetrainer or ai-toolkit";

  private final Dialect dialect;
  private final boolean alpha;

  LoraFormat(Dialect dialect, boolean alpha) {
    this.dialect = dialect;
    this.alpha = alpha;
  }

  /** The format with this name, as {@code --format} takes it; case does not count. */
  public static Optional<LoraFormat> parse(String name) {
    String lower = name.toLowerCase(Locale.ROOT).replace('_', '-');
    return switch (lower) {
      case "diffusers" -> Optional.of(PEFT);
      case "comfyui" -> Optional.of(COMFY);
      default -> Stream.of(values()).filter(format -> format.toString().equals(lower)).findFirst();
    };
  }

  /** The names that it has for modules. */
  public Dialect dialect() {
    return dialect;
  }

  /**
   * Whether results may name a module so. kohya's format takes OneTrainer's name for a part of a
   * fused projection, which kohya's trainers have no name for.
   */
  public boolean names(Target target) {
    return this == KOHYA || target.names().in(dialect).isPresent();
  }

  /**
   * What a module is called that changes {@code target}.
   *
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if there is no name for it
   */
  public String moduleName(Target target) {
    if (!names(target)) {
      throw Problem.incompatible("the spelling of " + this + " has no name for this module")
          .at(target.kohyaName())
          .help(
              "write kohya's names, then join the parts: --format kohya --out result.safetensors,"
                  + " then athanor convert result.safetensors --format "
                  + this
                  + " --out joined.safetensors")
          .toException();
    }
    return target.names().orStandIn(dialect);
  }

  /** The key of a module's left factor. */
  public String upKey(String module) {
    return module + (alpha ? ".lora_up.weight" : ".lora_B.weight");
  }

  /** The key of a module's right factor. */
  public String downKey(String module) {
    return module + (alpha ? ".lora_down.weight" : ".lora_A.weight");
  }

  /** Whether {@code alpha} is stored. */
  public boolean hasAlpha() {
    return alpha;
  }

  /** Whether differences can be stored in full. */
  public boolean hasDifferences() {
    return alpha;
  }

  /** The option's spelling. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
