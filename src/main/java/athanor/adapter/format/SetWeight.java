package athanor.adapter.format;

import java.util.List;

/**
 * Control LoRAs of Black Forest Labs (Canny, Depth), whose pairs enlarge the inputs of the model
 * and whose norms take the place of those that are there; as published, and as ComfyUI spells them.
 */
final class SetWeight extends RecognisedFormat {
  private static final Part NORM = new Part("control LoRA", "norm scale");

  SetWeight() {
    super("control LoRA that enlarges the model");
  }

  @Override
  public String advice() {
    return "load it beside the model, as ComfyUI does: it has more inputs than the checkpoint";
  }

  @Override
  public List<Suffix> suffixes() {
    return List.of(
        Suffix.of(".set_weight", new Part("control LoRA", "set_weight")),
        Suffix.of(".reshape_weight", new Part("control LoRA", "reshape_weight")),
        Suffix.inAdapter(".scale", NORM));
  }

  /** A scale without anything to scale, of a norm. */
  @Override
  public boolean claimsStray(String module, Part part, PeftConfig config) {
    return part.equals(NORM) && module.endsWith("_norm");
  }
}
