package athanor.adapter.format;

import java.util.List;

/** LoRA with a magnitude of its rows or columns beside a pair of any format. */
final class Dora extends RecognisedFormat {
  Dora() {
    super("DoRA");
  }

  @Override
  public List<Suffix> suffixes() {
    return List.of(
        Suffix.of(".dora_scale", new Part("DoRA", "dora_scale")),
        Suffix.of(".lora_magnitude_vector", new Part("DoRA", "lora_magnitude_vector")),
        Suffix.of(".lora_magnitude_vector.weight", new Part("DoRA", "lora_magnitude_vector")),
        Suffix.of(
            ".lora_magnitude_vector.default.weight", new Part("DoRA", "lora_magnitude_vector")),
        Suffix.of(".magnitude", new Part("DoRA", "magnitude")));
  }
}
