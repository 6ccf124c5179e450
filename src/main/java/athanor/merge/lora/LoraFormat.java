package athanor.merge.lora;

import athanor.model.Target;
import java.util.Locale;
import java.util.Optional;

/** The spellings in which a LoRA can be written. */
public enum LoraFormat {
  /** Module names with underscores, {@code lora_up}, {@code lora_down} and {@code alpha}. */
  KOHYA(".lora_up.weight", ".lora_down.weight"),
  /**
   * Module names of diffusers with dots, {@code lora_B} and {@code lora_A}; no alpha is stored, so
   * readers take it to be the rank. There is no place for full differences.
   */
  PEFT(".lora_B.weight", ".lora_A.weight");

  private final String upSuffix;
  private final String downSuffix;

  LoraFormat(String upSuffix, String downSuffix) {
    this.upSuffix = upSuffix;
    this.downSuffix = downSuffix;
  }

  /** The format with this name, as {@code --format} takes it; case does not count. */
  public static Optional<LoraFormat> parse(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "kohya" -> Optional.of(KOHYA);
      case "peft", "diffusers" -> Optional.of(PEFT);
      default -> Optional.empty();
    };
  }

  /** What a module is called that changes {@code target}. */
  public String moduleName(Target target) {
    return this == KOHYA ? target.kohyaName() : target.diffusersName();
  }

  /** The key of a module's left factor. */
  public String upKey(String module) {
    return module + upSuffix;
  }

  /** The key of a module's right factor. */
  public String downKey(String module) {
    return module + downSuffix;
  }

  /** Whether {@code alpha} is stored. */
  public boolean hasAlpha() {
    return this == KOHYA;
  }

  /** Whether differences can be stored in full. */
  public boolean hasDifferences() {
    return this == KOHYA;
  }

  /** The option's spelling. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
