package athanor.model;

/** A part of a checkpoint. */
public enum Component {
  /** The denoiser of latent diffusion. */
  UNET("UNet"),
  /** The denoiser of the transformer architectures. */
  TRANSFORMER("transformer"),
  /** The text encoder of SD 1.x and SD 2.x; CLIP-L of SDXL. */
  TEXT_ENCODER("text encoder"),
  /** OpenCLIP bigG of SDXL and its refiner. */
  TEXT_ENCODER_2("text encoder 2"),
  /** T5 of the transformer architectures. */
  TEXT_ENCODER_3("text encoder 3"),
  /** The image autoencoder. */
  VAE("VAE"),
  /** A moving average of the UNet, kept by trainers. */
  EMA("EMA"),
  /** Constants of the noise schedule, and markers of the prediction type. */
  SCHEDULE("noise schedule"),
  /** Anything else. */
  OTHER("other");

  private final String label;

  Component(String label) {
    this.label = label;
  }

  /** What to call it in a sentence. */
  public String label() {
    return label;
  }

  /** Whether this is one of the text encoders. */
  public boolean isTextEncoder() {
    return this == TEXT_ENCODER || this == TEXT_ENCODER_2 || this == TEXT_ENCODER_3;
  }
}
