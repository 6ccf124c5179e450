package athanor.adapter.format;

import java.util.List;

/** The product of two low-rank pairs, element by element. */
final class Loha extends RecognisedFormat {
  Loha() {
    super("LoHa");
  }

  @Override
  public List<Suffix> suffixes() {
    return List.of(
        Suffix.of(".hada_w1_a", new Part("LoHa", "hada_w1_a")),
        Suffix.of(".hada_w1_b", new Part("LoHa", "hada_w1_b")),
        Suffix.of(".hada_w2_a", new Part("LoHa", "hada_w2_a")),
        Suffix.of(".hada_w2_b", new Part("LoHa", "hada_w2_b")),
        Suffix.of(".hada_t1", new Part("LoHa", "hada_t1")),
        Suffix.of(".hada_t2", new Part("LoHa", "hada_t2")));
  }
}
