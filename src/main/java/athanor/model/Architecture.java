package athanor.model;

import java.util.Optional;

/**
 * A model architecture: LoRAs of one fit checkpoints of the same one. Merging knows the U-Net
 * architectures; the others are recognised so that they can be named.
 *
 * <p>The {@code modelspec} values are those of Stability AI's model specification, in the spelling
 * of kohya's sd-scripts ({@code library/sai_model_spec.py}).
 */
public enum Architecture {
  SD1("sd1", "SD 1.x", Family.SD1, "stable-diffusion-v1", 512),
  /** Base (512) and v (768) models; keys and shapes cannot tell one from the other. */
  SD2("sd2", "SD 2.x", Family.SD2, "stable-diffusion-v2-768-v", 768),
  SDXL("sdxl", "SDXL", Family.SDXL, "stable-diffusion-xl-v1-base", 1024),
  SDXL_REFINER(
      "sdxl-refiner", "SDXL refiner", Family.REFINER, "stable-diffusion-xl-v1-refiner", 1024),
  SSD_1B("ssd-1b", "SSD-1B", Family.SDXL, "stable-diffusion-xl-v1-base", 1024),
  SEGMIND_VEGA("segmind-vega", "Segmind-Vega", Family.SDXL, "stable-diffusion-xl-v1-base", 1024),
  KOALA_700M("koala-700m", "KOALA-700M", Family.SDXL, "stable-diffusion-xl-v1-base", 1024),
  KOALA_1B("koala-1b", "KOALA-1B", Family.SDXL, "stable-diffusion-xl-v1-base", 1024),

  FLUX_1("flux-1", "FLUX.1", "flux-1-dev", "https://github.com/black-forest-labs/flux"),
  FLUX_2("flux-2", "FLUX.2"),
  CHROMA("chroma", "Chroma", "chroma", "https://huggingface.co/lodestones/Chroma"),
  SD3("sd3", "SD 3.x", "stable-diffusion-3", Text.GENERATIVE_MODELS),
  AURA_FLOW("auraflow", "AuraFlow"),
  PIXART("pixart", "PixArt"),
  HUNYUAN_DIT("hunyuan-dit", "HunyuanDiT"),
  HUNYUAN_VIDEO("hunyuan-video", "HunyuanVideo"),
  HUNYUAN_IMAGE("hunyuan-image", "HunyuanImage 2.1", "hunyuan-image-2.1", ""),
  MOCHI("mochi", "Mochi"),
  LTX_VIDEO("ltx-video", "LTX-Video"),
  LUMINA_2("lumina-2", "Lumina 2", "lumina-2", "https://github.com/Alpha-VLLM/Lumina-Image-2.0"),
  Z_IMAGE("z-image", "Z-Image"),
  WAN("wan", "Wan 2.x"),
  COSMOS_PREDICT_2("cosmos-predict-2", "Cosmos-Predict2"),
  ANIMA("anima", "Anima", "anima-preview", "https://huggingface.co/circlestone-labs/Anima"),
  HIDREAM("hidream", "HiDream"),
  QWEN_IMAGE("qwen-image", "Qwen-Image"),
  OMNIGEN_2("omnigen-2", "OmniGen2"),
  STABLE_CASCADE("stable-cascade", "Stable Cascade"),
  STABLE_VIDEO("stable-video", "Stable Video Diffusion"),
  SD_X4_UPSCALER("sd-x4-upscaler", "SD x4 upscaler");

  private final String id;
  private final String label;
  private final Family family;
  private final String modelspec;
  private final int side;
  private final String implementation;
  private final String loraImplementation;

  Architecture(String id, String label, Family family, String modelspec, int side) {
    this.id = id;
    this.label = label;
    this.family = family;
    this.modelspec = modelspec;
    this.side = side;
    this.implementation = Text.GENERATIVE_MODELS;
    this.loraImplementation =
        family == Family.SD1 || family == Family.SD2 ? "diffusers" : Text.GENERATIVE_MODELS;
  }

  Architecture(String id, String label, String modelspec, String implementation) {
    this.id = id;
    this.label = label;
    this.family = Family.TRANSFORMER;
    this.modelspec = modelspec;
    this.side = modelspec.isEmpty() ? 0 : 1024;
    this.implementation = implementation;
    this.loraImplementation = modelspec.startsWith("stable") ? "diffusers" : implementation;
  }

  Architecture(String id, String label) {
    this(id, label, "", "");
  }

  /** A short name for options and JSON, such as {@code sdxl}. */
  public String id() {
    return id;
  }

  /** What to call it in a sentence, such as {@code SD 1.x}. */
  public String label() {
    return label;
  }

  /** Whether checkpoints of this architecture can be merged. */
  public boolean isMergeable() {
    return family != Family.TRANSFORMER;
  }

  /**
   * Whether LoRAs made for {@code other} address the modules of this architecture with the same
   * shapes. True for the distilled variants of SDXL and SDXL itself, in both directions: what one
   * lacks has no target.
   */
  public boolean sharesModulesWith(Architecture other) {
    return this == other || (isMergeable() && family == other.family);
  }

  /**
   * Whether the VAE of {@code other} reads and writes the latents of this architecture: SD 1.x and
   * SD 2.x have one in common, SDXL and its relatives another of the same shape.
   */
  public boolean sharesVaeWith(Architecture other) {
    return isMergeable() && other.isMergeable() && hasFirstVae() == other.hasFirstVae();
  }

  private boolean hasFirstVae() {
    return family == Family.SD1 || family == Family.SD2;
  }

  /** {@code modelspec.architecture} of a checkpoint; a LoRA appends {@code /lora}. */
  public Optional<String> modelspecArchitecture() {
    return nonEmpty(modelspec);
  }

  /** {@code modelspec.resolution}, such as {@code 1024x1024}. */
  public Optional<String> modelspecResolution() {
    return side == 0 ? Optional.empty() : Optional.of(side + "x" + side);
  }

  /** {@code modelspec.implementation} of a checkpoint. */
  public Optional<String> modelspecImplementation() {
    return nonEmpty(implementation);
  }

  /** {@code modelspec.implementation} of a LoRA. */
  public Optional<String> modelspecLoraImplementation() {
    return nonEmpty(loraImplementation);
  }

  Family family() {
    return family;
  }

  private static Optional<String> nonEmpty(String text) {
    return text.isEmpty() ? Optional.empty() : Optional.of(text);
  }

  /** Architectures that share names and shapes of what they have in common. */
  enum Family {
    SD1,
    SD2,
    SDXL,
    REFINER,
    TRANSFORMER
  }

  private static final class Text {
    static final String GENERATIVE_MODELS = "https://github.com/Stability-AI/generative-models";
  }
}
