package athanor.adapter.format;

import java.util.List;

/** A factor for each output or input of a weight, as LyCORIS stores it: less 1. */
final class Ia3 extends RecognisedFormat {
  Ia3() {
    super("IA3");
  }

  @Override
  public List<Suffix> suffixes() {
    return List.of(
        Suffix.of(".on_input", new Part("IA3", "on_input")),
        Suffix.beside(".weight", new Part("IA3", "weight")));
  }
}
