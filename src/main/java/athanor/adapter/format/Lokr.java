package athanor.adapter.format;

import java.util.List;

/** A Kronecker product, of which each side may be a low-rank pair. */
final class Lokr extends RecognisedFormat {
  Lokr() {
    super("LoKr");
  }

  @Override
  public List<Suffix> suffixes() {
    return List.of(
        Suffix.of(".lokr_w1", new Part("LoKr", "lokr_w1")),
        Suffix.of(".lokr_w1_a", new Part("LoKr", "lokr_w1_a")),
        Suffix.of(".lokr_w1_b", new Part("LoKr", "lokr_w1_b")),
        Suffix.of(".lokr_w2", new Part("LoKr", "lokr_w2")),
        Suffix.of(".lokr_w2_a", new Part("LoKr", "lokr_w2_a")),
        Suffix.of(".lokr_w2_b", new Part("LoKr", "lokr_w2_b")),
        Suffix.of(".lokr_t1", new Part("LoKr", "lokr_t1")),
        Suffix.of(".lokr_t2", new Part("LoKr", "lokr_t2")));
  }
}
