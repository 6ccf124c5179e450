package athanor.model.naming;

import athanor.model.Component;
import athanor.model.table.Section;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Tells from the beginning of a LoRA's module name what part of a model it means. */
public final class ModulePrefixes {
  private static final List<String> DENOISER = ComponentNames.beforeDenoisers();
  private static final List<String> WRAPPERS = ComponentNames.wrappers();
  private static final Map<String, String> TEXT = textPrefixes();

  private ModulePrefixes() {}

  private static Map<String, String> textPrefixes() {
    Section table = Section.read(ModulePrefixes.class, "text-modules.txt").getFirst();
    var prefixes = new LinkedHashMap<String, String>();
    table.keys().forEach(prefix -> prefixes.put(prefix, table.text(prefix)));
    return prefixes;
  }

  /** The name without what programs put around models, such as {@code base_model.model.}. */
  public static String unwrapped(String module) {
    return stripped(Insertions.removed(module), WRAPPERS);
  }

  /**
   * The text encoder that a name means.
   *
   * @param module without wrappers
   * @return kohya's prefix of the encoder, or {@code text_encoder.} where it has no number; empty
   *     if the name does not begin as those of text encoders
   */
  public static Optional<String> textEncoder(String module) {
    return TEXT.entrySet().stream()
        .filter(prefix -> module.startsWith(prefix.getKey()))
        .map(Map.Entry::getValue)
        .findFirst();
  }

  /**
   * The parts of checkpoints that a text encoder of LoRAs may be.
   *
   * @param encoder as {@link #textEncoder} gives it
   */
  public static Set<Component> componentsOf(String encoder) {
    return switch (encoder) {
      case "lora_te2_" -> Set.of(Component.TEXT_ENCODER_2, Component.TEXT_ENCODER_3);
      case "lora_te3_" -> Set.of(Component.TEXT_ENCODER_3);
      case "lora_te1_" -> Set.of(Component.TEXT_ENCODER);
      default -> Set.of(Component.TEXT_ENCODER, Component.TEXT_ENCODER_2);
    };
  }

  /** The name of a denoiser's module without all that stands before it. */
  public static String bare(String module) {
    return stripped(module, DENOISER);
  }

  private static String stripped(String name, List<String> prefixes) {
    for (String prefix : prefixes) {
      if (name.startsWith(prefix)) {
        return stripped(name.substring(prefix.length()), prefixes);
      }
    }
    return name;
  }
}
