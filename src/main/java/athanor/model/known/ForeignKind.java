package athanor.model.known;

import athanor.model.Recognition;
import athanor.model.table.KeySet;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Kinds of file that people have beside checkpoints, and how to tell them by their keys. */
public enum ForeignKind {
  CONTROL_LORA(
      "a Control-LoRA (a ControlNet in low-rank form)",
      Advice.CONTROL,
      keys ->
          keys.has("lora_controlnet")
              || (keys.anyStartsWith("input_hint_block.") && keys.anyEndsWith(".down"))),
  CONTROLNET_LLLITE(
      "a ControlNet-LLLite", Advice.CONTROL, keys -> keys.anyStartsWith("lllite_unet")),
  IP_ADAPTER(
      "an IP-Adapter",
      Advice.CONTROL,
      keys ->
          keys.anyStartsWith("image_proj.")
              || keys.anyStartsWith("ip_adapter.")
              || keys.anyStartsWith("image_proj_model.")),
  NUMBERED_LORA(
      "a LoRA of the first trainer, whose modules have numbers instead of names",
      "nothing in it says which weights it changes; ask its author for the names of diffusers or"
          + " kohya's trainers",
      keys -> keys.any(LoraKeys::isNumbered)),
  LORA(
      "a LoRA", "give it as a LoRA and a checkpoint as the base", keys -> keys.any(LoraKeys::test)),
  TEXTUAL_INVERSION(
      "a textual inversion embedding",
      "put it into the embeddings folder of your image program; it adds words, not weights",
      keys ->
          keys.anyStartsWith("string_to_param")
              || keys.has("emb_params")
              || (keys.size() <= 2 && !keys.any(key -> !Set.of("clip_l", "clip_g").contains(key)))),
  CONTROLNET(
      "a ControlNet",
      Advice.CONTROL,
      keys ->
          keys.anyStartsWith("control_model.")
              || keys.anyStartsWith("input_hint_block.")
              || keys.anyStartsWith("zero_convs.")
              || keys.anyStartsWith("controlnet_")),
  T2I_ADAPTER(
      "a T2I-Adapter",
      Advice.CONTROL,
      keys -> keys.anyStartsWith("adapter.body.") || keys.has("body.0.block1.weight")),
  MOTION_MODULE(
      "an AnimateDiff motion module",
      Advice.CONTROL,
      keys -> keys.any(key -> key.contains(".motion_modules.") && !key.startsWith("model."))),
  IMAGE_UPSCALER(
      "an image upscaler (ESRGAN)",
      Advice.CHECKPOINT,
      keys ->
          keys.anyStartsWith("RRDB_trunk.")
              || keys.has("body.0.rdb1.conv1.weight")
              || keys.has("model.1.sub.0.RDB1.conv1.0.weight")),

  EMA_ONLY(
      true,
      "the moving average (EMA) of a UNet that training kept, without the UNet itself",
      "give the checkpoint with its own weights (model.diffusion_model.…); programs that make"
          + " images do not read the average either",
      keys -> keys.anyStartsWith("model_ema.")),
  DIFFUSERS_UNET(
      true,
      "the UNet of a model in diffusers layout",
      "give the single-file checkpoint of the model instead (the one with the text encoder and"
          + " VAE)",
      keys ->
          (keys.hasAll("conv_in.weight", "down_blocks.0.resnets.0.conv1.weight")
                  || keys.hasAll(
                      "unet.conv_in.weight", "unet.down_blocks.0.resnets.0.conv1.weight"))
              && keys.any(key -> key.contains(".attentions."))),
  VAE(
      true,
      "a stand-alone VAE",
      Advice.CHECKPOINT,
      keys ->
          keys.anyEndsWith("encoder.conv_in.weight") && keys.anyEndsWith("decoder.conv_in.weight")),
  TEXT_ENCODER(
      true,
      "a stand-alone text encoder",
      Advice.CHECKPOINT,
      keys ->
          keys.anyStartsWith("text_model.")
              || keys.anyStartsWith("transformer.resblocks.")
              || keys.anyStartsWith("cond_stage_model.")
              || keys.anyStartsWith("conditioner.embedders.")
              || keys.anyStartsWith("text_encoders.")
              || keys.has("encoder.block.0.layer.0.SelfAttention.q.weight")
              || keys.has("model.layers.0.self_attn.q_proj.weight")),
  IMAGE_ENCODER(
      true,
      "an image encoder (CLIP vision)",
      Advice.CHECKPOINT,
      keys -> keys.anyStartsWith("vision_model.") || keys.anyStartsWith("visual.transformer."));

  private final boolean part;
  private final String what;
  private final String advice;
  private final Predicate<KeySet> test;

  ForeignKind(String what, String advice, Predicate<KeySet> test) {
    this(false, what, advice, test);
  }

  ForeignKind(boolean part, String what, String advice, Predicate<KeySet> test) {
    this.part = part;
    this.what = what;
    this.advice = advice;
    this.test = test;
  }

  /** The kind of a file that is no model at all; asked before looking for a model. */
  public static Optional<ForeignKind> of(KeySet keys) {
    return find(keys, false);
  }

  /** The kind of a file that holds a part of a model; asked when no denoiser was found. */
  public static Optional<ForeignKind> partOf(KeySet keys) {
    return find(keys, true);
  }

  private static Optional<ForeignKind> find(KeySet keys, boolean part) {
    return Arrays.stream(values())
        .filter(kind -> kind.part == part && kind.test.test(keys))
        .findFirst();
  }

  /** What it is, a noun phrase with its article. */
  public String what() {
    return what;
  }

  /** What to do instead, a sentence without a full stop. */
  public String advice() {
    return advice;
  }

  /** Whether it is a LoRA, of whatever kind. */
  public boolean isLora() {
    return this == LORA || this == NUMBERED_LORA;
  }

  /** What to say of such a file. */
  public Recognition recognition() {
    return new Recognition.NotACheckpoint(what, advice, this == LORA);
  }

  private static final class Advice {
    static final String CHECKPOINT = "give a complete checkpoint instead";
    static final String CONTROL =
        "it is loaded beside a checkpoint and cannot be merged; give a checkpoint instead";
  }

  /** Keys that only LoRAs and their relatives have. */
  private static final class LoraKeys {
    private static final Set<String> LAST_PARTS =
        Set.of(
            "hada_w1_a",
            "hada_w1_b",
            "hada_w2_a",
            "hada_w2_b",
            "hada_t1",
            "hada_t2",
            "lokr_w1",
            "lokr_w1_a",
            "lokr_w1_b",
            "lokr_w2",
            "lokr_w2_a",
            "lokr_w2_b",
            "lokr_t2",
            "oft_blocks",
            "oft_diag",
            "dora_scale",
            "on_input",
            "diff",
            "diff_b",
            "w_norm",
            "b_norm",
            "lambda_layer");

    private static final Pattern NUMBERED = Pattern.compile("(unet|text_encoder):\\d+:(up|down)");

    static boolean test(String key) {
      return key.contains("lora")
          || LAST_PARTS.contains(key.substring(key.lastIndexOf('.') + 1))
          || key.contains(".oft_R.");
    }

    /** {@code unet:0:up} and {@code unet:0:down}, the modules in the order of the model. */
    static boolean isNumbered(String key) {
      return NUMBERED.matcher(key).matches();
    }
  }
}
