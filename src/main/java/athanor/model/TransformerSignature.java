package athanor.model;

import static athanor.model.Architecture.ANIMA;
import static athanor.model.Architecture.AURA_FLOW;
import static athanor.model.Architecture.CHROMA;
import static athanor.model.Architecture.COSMOS_PREDICT_2;
import static athanor.model.Architecture.FLUX_1;
import static athanor.model.Architecture.FLUX_2;
import static athanor.model.Architecture.HIDREAM;
import static athanor.model.Architecture.HUNYUAN_DIT;
import static athanor.model.Architecture.HUNYUAN_IMAGE;
import static athanor.model.Architecture.HUNYUAN_VIDEO;
import static athanor.model.Architecture.LTX_VIDEO;
import static athanor.model.Architecture.LUMINA_2;
import static athanor.model.Architecture.MOCHI;
import static athanor.model.Architecture.OMNIGEN_2;
import static athanor.model.Architecture.PIXART;
import static athanor.model.Architecture.QWEN_IMAGE;
import static athanor.model.Architecture.SD3;
import static athanor.model.Architecture.STABLE_CASCADE;
import static athanor.model.Architecture.WAN;
import static athanor.model.Architecture.Z_IMAGE;

import java.util.List;
import java.util.Optional;

/**
 * Keys that tell a transformer model, asked in the order of ComfyUI's {@code
 * model_detection.detect_unet_config}; after them the layouts of diffusers.
 *
 * @param architecture what it is
 * @param key must be there
 * @param andKey must be there too; empty text asks for nothing
 * @param withoutKey must not be there; empty text asks for nothing
 * @param rows required rows of {@code key}; 0 asks for nothing
 */
record TransformerSignature(
    Architecture architecture, String key, String andKey, String withoutKey, long rows) {
  private static final List<String> PREFIXES =
      List.of(
          "model.diffusion_model.",
          "diffusion_model.",
          "net.",
          "model.model.",
          "model.",
          "transformer.",
          "module.",
          "");
  private static final String FLUX_BLOCK = "double_blocks.0.img_attn.norm.key_norm.scale";
  private static final String FLUX_BLOCK_RENAMED = "double_blocks.0.img_attn.norm.key_norm.weight";

  private static final List<TransformerSignature> ALL =
      List.of(
          of(SD3, "joint_blocks.0.context_block.attn.qkv.weight"),
          of(STABLE_CASCADE, "clf.1.weight"),
          of(AURA_FLOW, "double_layers.0.attn.w1q.weight"),
          of(HUNYUAN_DIT, "mlp_t5.0.weight"),
          of(HUNYUAN_VIDEO, "txt_in.individual_token_refiner.blocks.0.norm1.weight")
              .and("vector_in.in_layer.weight"),
          of(HUNYUAN_IMAGE, "txt_in.individual_token_refiner.blocks.0.norm1.weight"),
          of(FLUX_2, "double_stream_modulation_img.lin.weight"),
          of(CHROMA, "distilled_guidance_layer.in_proj.weight"),
          of(CHROMA, "distilled_guidance_layer.norms.0.scale"),
          of(FLUX_1, FLUX_BLOCK).and("img_in.weight"),
          of(FLUX_1, FLUX_BLOCK_RENAMED).and("img_in.weight"),
          of(MOCHI, "t5_yproj.weight"),
          of(LTX_VIDEO, "adaln_single.emb.timestep_embedder.linear_1.bias")
              .without("pos_embed.proj.bias"),
          of(PIXART, "adaln_single.emb.timestep_embedder.linear_1.bias"),
          of(PIXART, "t_block.1.weight"),
          of(LUMINA_2, "cap_embedder.1.weight")
              .and("noise_refiner.0.attention.k_norm.weight")
              .withRows(2304),
          of(Z_IMAGE, "cap_embedder.1.weight")
              .and("noise_refiner.0.attention.k_norm.weight")
              .withRows(3840),
          of(WAN, "head.modulation"),
          of(ANIMA, "blocks.0.mlp.layer1.weight")
              .and("llm_adapter.blocks.0.cross_attn.q_proj.weight"),
          of(COSMOS_PREDICT_2, "blocks.0.mlp.layer1.weight"),
          of(HIDREAM, "caption_projection.0.linear.weight"),
          of(QWEN_IMAGE, "txt_norm.weight"),
          of(OMNIGEN_2, "time_caption_embed.timestep_embedder.linear_1.bias"),
          of(FLUX_1, "x_embedder.weight").and("single_transformer_blocks.0.attn.to_q.weight"),
          of(SD3, "pos_embed.proj.weight").and("transformer_blocks.0.attn.add_q_proj.weight"),
          of(AURA_FLOW, "joint_transformer_blocks.0.attn.to_q.weight"),
          of(WAN, "condition_embedder.time_embedder.linear_1.weight")
              .and("blocks.0.attn1.to_q.weight"),
          of(Z_IMAGE, "cap_embedder.1.weight").and("all_x_embedder.2-1.weight"));

  private static TransformerSignature of(Architecture architecture, String key) {
    return new TransformerSignature(architecture, key, "", "", 0);
  }

  private TransformerSignature and(String other) {
    return new TransformerSignature(architecture, key, other, withoutKey, rows);
  }

  private TransformerSignature without(String other) {
    return new TransformerSignature(architecture, key, andKey, other, rows);
  }

  private TransformerSignature withRows(long count) {
    return new TransformerSignature(architecture, key, andKey, withoutKey, count);
  }

  /** The first signature that holds below one of the usual prefixes. */
  static Optional<Recognition> find(KeySet keys) {
    for (String prefix : PREFIXES) {
      for (TransformerSignature signature : ALL) {
        if (signature.holds(keys, prefix)) {
          return Optional.of(
              new Recognition.Unsupported(signature.architecture, prefix + signature.key));
        }
      }
    }
    return Optional.empty();
  }

  private boolean holds(KeySet keys, String prefix) {
    return keys.has(prefix + key)
        && (andKey.isEmpty() || keys.has(prefix + andKey))
        && (withoutKey.isEmpty() || !keys.has(prefix + withoutKey))
        && (rows == 0 || keys.dim(prefix + key, 0) == rows);
  }
}
