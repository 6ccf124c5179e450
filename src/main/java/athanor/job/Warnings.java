package athanor.job;

import athanor.model.Architecture;
import athanor.model.Architectures;
import athanor.model.CheckpointModel;
import athanor.model.Trait;
import athanor.recipe.LoraInput;
import athanor.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;

/** What is allowed but worth saying. */
final class Warnings {
  private static final String SD2_FLAG = "--v2";

  private Warnings() {}

  static List<String> of(Recipe recipe, CheckpointModel model, List<Candidate> candidates) {
    List<String> warnings = new ArrayList<>();
    Architecture architecture = model.architecture();
    if (recipe.saysSd2() && !architecture.isClaimedBy(SD2_FLAG)) {
      warnings.add(
          "you said "
              + Architectures.claimedBy(SD2_FLAG).orElseThrow().label()
              + " ("
              + SD2_FLAG
              + "), but this base is "
              + architecture.label()
              + "; the file decides");
    }
    if (model.isKnownByNameOnly()) {
      warnings.add(
          "unknown architecture, matched by name: every module of the LoRA is a weight of the base;"
              + " try the result before you use it");
    }
    if (!model.missing().isEmpty()) {
      warnings.add(
          "the base is incomplete: "
              + model.missing().size()
              + " keys of "
              + architecture.label()
              + " are missing, for example "
              + model.missing().getFirst());
    }
    if (model.has(Trait.WRAPPED_KEYS)) {
      warnings.add(
          "training programs wrapped the keys of the base, as in "
              + model.tensors().iterator().next().key()
              + "; the result keeps them, but image programs may not find them");
    }
    repeatedFiles(recipe.loras(), warnings);
    WeightWarnings.add(candidates, recipe.mix().isEmpty(), warnings);
    OrderWarning.of(candidates).ifPresent(warnings::add);
    notes(candidates, warnings);
    return warnings;
  }

  /** As above, for a merge of LoRAs into one LoRA. */
  static List<String> of(Recipe recipe, List<Candidate> candidates) {
    List<String> warnings = new ArrayList<>();
    repeatedFiles(recipe.loras(), warnings);
    notes(candidates, warnings);
    return warnings;
  }

  private static void notes(List<Candidate> candidates, List<String> warnings) {
    for (Candidate candidate : candidates) {
      candidate
          .match()
          .ifPresent(match ->
              match.notes().forEach(note -> warnings.add(candidate.input().name() + ": " + note)));
    }
  }

  private static void repeatedFiles(List<LoraInput> loras, List<String> warnings) {
    for (int later = 1; later < loras.size(); later++) {
      for (int earlier = 0; earlier < later; earlier++) {
        if (isSame(loras.get(earlier), loras.get(later))) {
          warnings.add(
              loras.get(later).name()
                  + " is given more than once (as number "
                  + (earlier + 1)
                  + " and "
                  + (later + 1)
                  + "); the ratios add up");
          break;
        }
      }
    }
  }

  private static boolean isSame(LoraInput one, LoraInput other) {
    try {
      return Files.isSameFile(one.file(), other.file());
    } catch (IOException e) {
      return false;
    }
  }
}
