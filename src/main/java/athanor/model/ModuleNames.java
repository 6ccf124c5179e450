package athanor.model;

import java.util.List;
import java.util.Optional;

/** Says which component a LoRA module name addresses, whether or not a checkpoint has it. */
public final class ModuleNames {
  private static final List<Addressed> PREFIXES =
      List.of(
          new Addressed("lora_unet_", Component.UNET),
          new Addressed("oft_unet_", Component.UNET),
          new Addressed("lycoris_", Component.UNET),
          new Addressed("lora_transformer_", Component.UNET),
          new Addressed("lora_prior_unet_", Component.UNET),
          new Addressed("lora_te_", Component.TEXT_ENCODER),
          new Addressed("lora_te1_", Component.TEXT_ENCODER),
          new Addressed("lora_te2_", Component.TEXT_ENCODER_2),
          new Addressed("lora_te3_", Component.TEXT_ENCODER_3),
          new Addressed("lora_prior_te_", Component.TEXT_ENCODER),
          new Addressed("unet.", Component.UNET),
          new Addressed("transformer.", Component.UNET),
          new Addressed("diffusion_model.", Component.UNET),
          new Addressed("model.diffusion_model.", Component.UNET),
          new Addressed("text_encoder.", Component.TEXT_ENCODER),
          new Addressed("text_encoder_2.", Component.TEXT_ENCODER_2),
          new Addressed("text_encoder_3.", Component.TEXT_ENCODER_3),
          new Addressed("text_encoders.clip_l.", Component.TEXT_ENCODER),
          new Addressed("text_encoders.clip_h.", Component.TEXT_ENCODER),
          new Addressed("text_encoders.clip_g.", Component.TEXT_ENCODER_2),
          new Addressed("text_encoders.t5xxl.", Component.TEXT_ENCODER_3),
          new Addressed("text_model.", Component.TEXT_ENCODER),
          new Addressed("cond_stage_model.", Component.TEXT_ENCODER),
          new Addressed("conditioner.embedders.0.", Component.TEXT_ENCODER),
          new Addressed("conditioner.embedders.1.", Component.TEXT_ENCODER_2));
  private static final List<String> BARE_UNET =
      List.of(
          "down_blocks",
          "mid_block",
          "up_blocks",
          "input_blocks",
          "middle_block",
          "output_blocks",
          "time_embed",
          "conv_",
          "add_embedding",
          "label_emb",
          "out.");
  private static final String PEFT = "base_model.model.";

  private ModuleNames() {}

  /**
   * The component that the prefix of a module name stands for, or the UNet for a bare name of one
   * of its blocks; empty when the name does not say.
   */
  public static Optional<Component> component(String module) {
    String name = module;
    while (name.startsWith(PEFT)) {
      name = name.substring(PEFT.length());
    }
    for (Addressed addressed : PREFIXES) {
      if (name.startsWith(addressed.prefix)) {
        return Optional.of(addressed.component);
      }
    }
    return BARE_UNET.stream().anyMatch(name::startsWith)
        ? Optional.of(Component.UNET)
        : Optional.empty();
  }

  private record Addressed(String prefix, Component component) {}
}
