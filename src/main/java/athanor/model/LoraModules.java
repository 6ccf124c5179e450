package athanor.model;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;

/**
 * The modules of a LoRA, sorted by component, with their names stripped of prefixes and flattened
 * so that every dialect reads alike.
 *
 * @param denoiser modules of the UNet or transformer
 * @param texts modules of text encoders
 */
record LoraModules(List<Module> denoiser, List<TextModule> texts) {
  private static final List<String> DENOISER_PREFIXES =
      List.of(
          "base_model.model.",
          "lora_unet__",
          "lora_unet_",
          "oft_unet__",
          "oft_unet_",
          "lora_transformer_",
          "lora_prior_unet_",
          "lycoris_",
          "transformer.",
          "unet.",
          "diffusion_model.",
          "model.diffusion_model.",
          "net.");
  private static final Map<String, String> TEXT_PREFIXES =
      Map.ofEntries(
          Map.entry("lora_te_", "lora_te_"),
          Map.entry("lora_te1_", "lora_te1_"),
          Map.entry("lora_te2_", "lora_te2_"),
          Map.entry("lora_te3_", "lora_te3_"),
          Map.entry("lora_prior_te_", "lora_prior_te_"),
          Map.entry("text_encoder.", "text_encoder."),
          Map.entry("text_encoder_2.", "lora_te2_"),
          Map.entry("text_encoder_3.", "lora_te3_"),
          Map.entry("text_encoders.clip_l.", "lora_te1_"),
          Map.entry("text_encoders.clip_h.", "lora_te_"),
          Map.entry("text_encoders.clip_g.", "lora_te2_"),
          Map.entry("text_encoders.t5xxl.", "lora_te3_"),
          Map.entry("text_model.", "text_encoder."));

  /**
   * A module of the denoiser.
   *
   * @param written the name in the file
   * @param name without prefix, dots as underscores
   * @param in inputs, 0 when unknown
   * @param out outputs, 0 when unknown
   */
  record Module(String written, String name, long in, long out) {}

  /**
   * A module of a text encoder.
   *
   * @param written the name in the file
   * @param encoder kohya's prefix of the encoder, or {@code text_encoder.} where it has no number
   * @param in inputs, 0 when unknown
   */
  record TextModule(String written, String encoder, long in) {
    boolean isT5() {
      return written.contains("DenseReluDense") || written.contains("SelfAttention");
    }

    /** The largest width that the modules tell; 0 when none does. */
    static int widest(List<TextModule> modules) {
      return (int) modules.stream().mapToLong(TextModule::width).max().orElse(0);
    }

    /** The width of the encoder as this module tells it; 0 when it does not. */
    long width() {
      boolean narrow = written.endsWith("fc2") || isT5();
      return narrow || written.contains("embedding") ? 0 : in;
    }
  }

  static LoraModules of(Collection<ModuleDims> modules) {
    var denoiser = new ArrayList<Module>();
    var texts = new ArrayList<TextModule>();
    for (ModuleDims dims : modules) {
      String name = stripped(dims.module(), List.of("base_model.model."));
      String encoder = encoder(name);
      if (encoder.isEmpty()) {
        String core = ModuleScope.flatten(stripped(name, DENOISER_PREFIXES));
        denoiser.add(new Module(dims.module(), core, dims.in(), dims.out()));
      } else {
        texts.add(new TextModule(dims.module(), encoder, dims.in()));
      }
    }
    return new LoraModules(denoiser, texts);
  }

  private static String encoder(String name) {
    for (Map.Entry<String, String> prefix : TEXT_PREFIXES.entrySet()) {
      if (name.startsWith(prefix.getKey())) {
        return prefix.getValue();
      }
    }
    return "";
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
