package athanor.model;

import java.util.List;

/**
 * How LoRAs address one encoder of one architecture.
 *
 * @param kohya prefix that kohya's trainers write
 * @param diffusers prefix that diffusers writes
 * @param flatPrefixes accepted before flattened names
 * @param components accepted before dotted names
 */
record EncoderNames(
    String kohya, String diffusers, List<String> flatPrefixes, List<String> components) {
  private static final EncoderNames ONLY_CLIP_L =
      new EncoderNames(
          "lora_te_",
          "text_encoder.",
          List.of("lora_te_", "lora_te1_"),
          List.of("text_encoder.", "text_encoders.clip_l.transformer.", ""));
  private static final EncoderNames ONLY_CLIP_H =
      new EncoderNames(
          "lora_te_",
          "text_encoder.",
          List.of("lora_te_", "lora_te1_"),
          List.of("text_encoder.", "text_encoders.clip_h.transformer.", ""));
  private static final EncoderNames FIRST =
      new EncoderNames(
          "lora_te1_",
          "text_encoder.",
          List.of("lora_te_", "lora_te1_"),
          List.of("text_encoder.", "text_encoders.clip_l.transformer."));
  private static final EncoderNames SECOND =
      new EncoderNames(
          "lora_te2_",
          "text_encoder_2.",
          List.of("lora_te2_"),
          List.of("text_encoder_2.", "text_encoders.clip_g.transformer."));
  private static final EncoderNames ONLY_BIG_G =
      new EncoderNames(
          "lora_te_",
          "text_encoder_2.",
          List.of("lora_te_", "lora_te2_"),
          List.of("text_encoder.", "text_encoder_2.", "text_encoders.clip_g.transformer.", ""));

  /** The names of an encoder; the architecture decides what the numbers in them mean. */
  static EncoderNames of(Architecture architecture, Component component) {
    return switch (architecture.family()) {
      case SD1 -> ONLY_CLIP_L;
      case SD2 -> ONLY_CLIP_H;
      case REFINER -> ONLY_BIG_G;
      case SDXL, TRANSFORMER -> component == Component.TEXT_ENCODER ? FIRST : SECOND;
    };
  }
}
