package athanor.model;

import java.util.List;
import java.util.Optional;

/**
 * The dimensions of a CLIP text encoder, from which all its keys and shapes follow, and where it
 * usually lies in a checkpoint.
 *
 * @param component which encoder of the checkpoint this is
 * @param roots prefixes that files use for everything that belongs to it, the usual one first
 * @param layout spelling of the keys
 * @param layers transformer layers that a file has; of SD 2.x the last one is never used
 * @param width of the hidden state; the inner layer of each MLP is four times as wide
 */
record TextEncoderPlan(
    Component component, List<String> roots, TextEncoderLayout layout, int layers, int width) {
  private static final int VOCABULARY = 49408;
  private static final int TOKENS = 77;

  private static final TextEncoderPlan SD1 =
      new TextEncoderPlan(
          Component.TEXT_ENCODER,
          List.of("cond_stage_model.", "conditioner.embedders.0.", "text_encoders.clip_l."),
          TextEncoderLayout.HUGGING_FACE,
          12,
          768);
  private static final TextEncoderPlan SD2 =
      new TextEncoderPlan(
          Component.TEXT_ENCODER,
          List.of("cond_stage_model.", "conditioner.embedders.0.", "text_encoders.clip_h."),
          TextEncoderLayout.OPEN_CLIP,
          24,
          1024);
  private static final TextEncoderPlan CLIP_L =
      new TextEncoderPlan(
          Component.TEXT_ENCODER,
          List.of("conditioner.embedders.0.", "text_encoders.clip_l."),
          TextEncoderLayout.HUGGING_FACE,
          12,
          768);
  private static final TextEncoderPlan BIG_G =
      new TextEncoderPlan(
          Component.TEXT_ENCODER_2,
          List.of("conditioner.embedders.1.", "text_encoders.clip_g."),
          TextEncoderLayout.OPEN_CLIP,
          32,
          1280);
  private static final TextEncoderPlan REFINER_BIG_G =
      new TextEncoderPlan(
          Component.TEXT_ENCODER_2,
          List.of("conditioner.embedders.0.", "text_encoders.clip_g."),
          TextEncoderLayout.OPEN_CLIP,
          32,
          1280);

  /** The text encoders of an architecture; none for transformers. */
  static List<TextEncoderPlan> of(Architecture architecture) {
    return switch (architecture.family()) {
      case SD1 -> List.of(SD1);
      case SD2 -> List.of(SD2);
      case SDXL -> List.of(CLIP_L, BIG_G);
      case REFINER -> List.of(REFINER_BIG_G);
      case TRANSFORMER -> List.of();
    };
  }

  /** This encoder as a file has it that uses the usual prefix and layout. */
  TextEncoder usual() {
    boolean openClip = layout == TextEncoderLayout.OPEN_CLIP;
    String root = roots.getFirst();
    String body = root + (openClip ? "model." : "transformer.text_model.");
    return new TextEncoder(component, root, layout, body);
  }

  /** This encoder as a file has it; empty when it does not. */
  Optional<TextEncoder> find(KeySet keys) {
    for (String root : roots) {
      if (keys.anyStartsWith(root + "transformer.text_model.")) {
        String body = root + "transformer.text_model.";
        return Optional.of(new TextEncoder(component, root, TextEncoderLayout.HUGGING_FACE, body));
      }
      if (keys.anyStartsWith(root + "transformer.encoder.layers.")) {
        String body = root + "transformer.";
        return Optional.of(new TextEncoder(component, root, TextEncoderLayout.HUGGING_FACE, body));
      }
      if (keys.anyStartsWith(root + "model.transformer.resblocks.")) {
        String body = root + "model.";
        return Optional.of(new TextEncoder(component, root, TextEncoderLayout.OPEN_CLIP, body));
      }
    }
    return Optional.empty();
  }

  /** Appends the tensors of this encoder, as {@code stored}, to {@code keys}. */
  void list(TextEncoder stored, KeyList keys) {
    switch (stored.layout()) {
      case HUGGING_FACE -> listHuggingFace(stored.body(), keys);
      case OPEN_CLIP -> listOpenClip(stored.body(), keys);
    }
  }

  private void listHuggingFace(String body, KeyList keys) {
    keys.tensor(body + "embeddings.position_embedding.weight", TOKENS, width);
    keys.integers(body + "embeddings.position_ids", 1, TOKENS);
    keys.tensor(body + "embeddings.token_embedding.weight", VOCABULARY, width);
    for (int n = 0; n < layers; n++) {
      String layer = body + "encoder.layers." + n;
      keys.norm(layer + ".layer_norm1", width);
      keys.norm(layer + ".layer_norm2", width);
      keys.linear(layer + ".mlp.fc1", 4L * width, width);
      keys.linear(layer + ".mlp.fc2", width, 4L * width);
      keys.linear(layer + ".self_attn.k_proj", width, width);
      keys.linear(layer + ".self_attn.out_proj", width, width);
      keys.linear(layer + ".self_attn.q_proj", width, width);
      keys.linear(layer + ".self_attn.v_proj", width, width);
    }
    keys.norm(body + "final_layer_norm", width);
  }

  private void listOpenClip(String body, KeyList keys) {
    keys.norm(body + "ln_final", width);
    keys.tensor(body + "logit_scale");
    keys.tensor(body + "positional_embedding", TOKENS, width);
    keys.tensor(body + "text_projection", width, width);
    keys.tensor(body + "token_embedding.weight", VOCABULARY, width);
    for (int n = 0; n < layers; n++) {
      String layer = body + "transformer.resblocks." + n;
      keys.tensor(layer + ".attn.in_proj_bias", 3L * width);
      keys.tensor(layer + ".attn.in_proj_weight", 3L * width, width);
      keys.linear(layer + ".attn.out_proj", width, width);
      keys.norm(layer + ".ln_1", width);
      keys.norm(layer + ".ln_2", width);
      keys.linear(layer + ".mlp.c_fc", 4L * width, width);
      keys.linear(layer + ".mlp.c_proj", width, 4L * width);
    }
  }
}
