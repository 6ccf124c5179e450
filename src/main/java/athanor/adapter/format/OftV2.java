package athanor.adapter.format;

import java.util.List;

/** Rotations of the inputs, as PEFT and OneTrainer store them. */
final class OftV2 extends RecognisedFormat {
  OftV2() {
    super("OFTv2");
  }

  @Override
  public List<Suffix> suffixes() {
    return List.of(
        Suffix.of(".oft_R.weight", new Part("OFTv2", "oft_R")),
        Suffix.of(".oft_R.scaled_oft", new Part("OFTv2", "oft_R.scaled_oft")));
  }
}
