package athanor.adapter.format;

import java.util.List;

/** Weights that take the place of others or enlarge them, in control LoRAs of FLUX. */
final class SetWeight extends RecognisedFormat {
  SetWeight() {
    super("replaced weights (BFL control)");
  }

  @Override
  public List<Suffix> suffixes() {
    return List.of(
        Suffix.of(".set_weight", new Part("replaced weights", "set_weight")),
        Suffix.of(".reshape_weight", new Part("replaced weights", "reshape_weight")));
  }
}
