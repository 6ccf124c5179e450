package athanor.adapter.format;

import java.util.List;

/** A low-rank pair beside one that is multiplied with the weight. */
final class Glora extends RecognisedFormat {
  Glora() {
    super("GLoRA");
  }

  @Override
  public List<Suffix> suffixes() {
    return List.of(
        Suffix.of(".a1.weight", new Part("GLoRA", "a1")),
        Suffix.of(".a2.weight", new Part("GLoRA", "a2")),
        Suffix.of(".b1.weight", new Part("GLoRA", "b1")),
        Suffix.of(".b2.weight", new Part("GLoRA", "b2")),
        Suffix.of(".bm.weight", new Part("GLoRA", "bm")));
  }
}
