package athanor.testkit;

import athanor.model.Architecture;
import athanor.model.ReferenceCheckpoint;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.util.List;
import java.util.stream.Stream;

/**
 * Small cuttings of real checkpoints, with the real keys and shapes: enough to be recognised and to
 * hold an example of every kind of module.
 */
public final class Sample {
  /** The UNet's key prefix. */
  public static final String UNET = "model.diffusion_model.";

  /** The text encoder's key prefix in SD 1.x. */
  public static final String TEXT = "cond_stage_model.transformer.text_model.";

  private Sample() {}

  /** SD 1.x: first convolution, one transformer block, a resnet, a text layer, a bit of the vae. */
  public static List<TensorInfo> sd1(DType dtype) {
    return cutting(
        Known.SD1,
        dtype,
        UNET + "input_blocks.0.",
        UNET + "input_blocks.1.",
        UNET + "out.",
        TEXT + "encoder.layers.0.",
        TEXT + "embeddings.position_ids",
        "first_stage_model.quant_conv.",
        "alphas_cumprod");
  }

  /** The attention of one block of SD 1.x, for merges of a single module. */
  public static List<TensorInfo> corner(DType dtype) {
    return cutting(
        Known.SD1,
        dtype,
        UNET + "input_blocks.0.0.",
        UNET + "time_embed.0.",
        UNET + "input_blocks.1.1.transformer_blocks.0.attn",
        TEXT + "encoder.layers.0.self_attn.q_proj");
  }

  /** SDXL: first convolution, the first attention, one layer of each text encoder. */
  public static List<TensorInfo> sdxl(DType dtype) {
    return cutting(
        Known.SDXL,
        dtype,
        UNET + "input_blocks.0.",
        UNET + "input_blocks.4.1.",
        UNET + "label_emb.",
        "conditioner.embedders.0.transformer.text_model.encoder.layers.0.",
        "conditioner.embedders.1.model.transformer.resblocks.0.",
        "conditioner.embedders.1.model.text_projection");
  }

  /** The tensors of a complete checkpoint whose keys begin with one of these. */
  public static List<TensorInfo> cutting(
      Architecture architecture, DType dtype, String... prefixes) {
    return ReferenceCheckpoint.of(architecture, dtype).orElseThrow().stream()
        .filter(tensor -> Stream.of(prefixes).anyMatch(tensor.key()::startsWith))
        .toList();
  }

  /** Adds a low-rank pair in kohya's spelling for a module of these sizes. */
  public static TensorFile pair(
      TensorFile file, String module, int out, int rank, int in, DType dtype, Gen gen) {
    return file.random(module + ".lora_up.weight", dtype, Shape.of(out, rank), 0.1, gen)
        .random(module + ".lora_down.weight", dtype, Shape.of(rank, in), 0.1, gen);
  }
}
