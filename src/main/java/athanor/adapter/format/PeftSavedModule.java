package athanor.adapter.format;

import java.util.List;

/** Whole weights that take the place of others. */
final class PeftSavedModule extends RecognisedFormat {
  PeftSavedModule() {
    super("full modules saved by PEFT");
  }

  @Override
  public List<Suffix> suffixes() {
    return List.of(
        Suffix.of(".modules_to_save.weight", new Part("saved modules", "modules_to_save")));
  }
}
