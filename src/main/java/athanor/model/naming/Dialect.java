package athanor.model.naming;

/** A spelling of module names that trainers write. */
public enum Dialect {
  /** kohya's trainers: a prefix such as {@code lora_unet_}, then underscores for dots. */
  KOHYA,
  /** diffusers and PEFT: a component such as {@code unet.}, then the dotted names of diffusers. */
  DIFFUSERS
}
