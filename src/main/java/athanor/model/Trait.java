package athanor.model;

/** A peculiarity of a checkpoint within its architecture. */
public enum Trait {
  /** The UNet takes 9 input channels: latent, mask and masked latent. */
  INPAINTING("inpainting"),
  /** The UNet takes 8 input channels: latent and source image. */
  INSTRUCT_PIX2PIX("InstructPix2Pix"),
  /** The UNet takes 5 input channels: latent and depth. */
  DEPTH("depth-guided"),
  /** SD 2.x conditioned on image embeddings ({@code label_emb} present). */
  UNCLIP("unCLIP"),
  /** A moving average of the UNet is stored too. It does not follow a merge. */
  EMA("with EMA"),
  /** No autoencoder is stored. */
  NO_VAE("no VAE"),
  /** No text encoder is stored. */
  NO_TEXT_ENCODER("no text encoder"),
  /** A marker says that the model predicts v. The absence of a marker says nothing. */
  V_PREDICTION("v-prediction"),
  /** A marker says that the noise schedule ends at zero signal-to-noise ratio. */
  ZERO_TERMINAL_SNR("zero terminal SNR"),
  /** EDM parameters are stored. */
  EDM("EDM"),
  /** The text encoder's keys lack {@code text_model.}, as written by old tools. */
  OLD_TEXT_ENCODER_NAMES("old text-encoder names"),
  /** Attention projections are 2-D where the architecture has 4-D ones, or the reverse. */
  CROSSED_PROJECTIONS("reshaped attention projections"),
  /** Weights are stored with separate scales. */
  SCALED_WEIGHTS("scaled weights"),
  /** What training programs wrap models in stands in the keys, such as {@code module.}. */
  WRAPPED_KEYS("wrapped keys");

  private final String label;

  Trait(String label) {
    this.label = label;
  }

  /** What to call it in a list. */
  public String label() {
    return label;
  }

  /** Whether a key is one of the companions of weights that are stored with separate scales. */
  public static boolean marksScaledWeights(String key) {
    return key.endsWith("scaled_fp8")
        || key.endsWith(".scale_weight")
        || key.endsWith(".weight_scale")
        || key.endsWith(".comfy_quant");
  }
}
