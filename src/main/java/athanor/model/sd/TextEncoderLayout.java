package athanor.model.sd;

/** The two spellings of a CLIP text encoder's keys. */
enum TextEncoderLayout {
  /** {@code encoder.layers.N.self_attn.q_proj.weight}, as in Hugging Face transformers. */
  HUGGING_FACE,
  /** {@code transformer.resblocks.N.attn.in_proj_weight}, query, key and value in one tensor. */
  OPEN_CLIP
}
