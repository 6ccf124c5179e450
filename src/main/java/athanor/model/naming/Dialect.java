package athanor.model.naming;

/** A spelling of module names that trainers and programs write. */
public enum Dialect {
  /** kohya's trainers: a prefix such as {@code lora_unet_}, then underscores for dots. */
  KOHYA,
  /** diffusers and PEFT: a component such as {@code unet.}, then the dotted names of diffusers. */
  DIFFUSERS,
  /** ComfyUI: {@code diffusion_model.}, then the keys of the checkpoints that it reads. */
  COMFY,
  /** OneTrainer: the names of diffusers, dotted or flattened behind a prefix of the component. */
  ONETRAINER,
  /** ai-toolkit: the names of the model that it trains, behind a prefix. */
  AI_TOOLKIT
}
