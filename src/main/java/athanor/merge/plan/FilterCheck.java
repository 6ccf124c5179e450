package athanor.merge.plan;

import athanor.adapter.PlacedModule;
import athanor.error.NearestNames;
import athanor.error.Problem;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Finds name filters that fit nothing, or leave nothing. */
final class FilterCheck {
  private final PlannedLora lora;

  FilterCheck(PlannedLora lora) {
    this.lora = lora;
  }

  Optional<Problem> problem() {
    return unmatched("only", lora.strength().only())
        .or(() -> unmatched("skip", lora.strength().skip()))
        .or(this::nothingLeft);
  }

  private Optional<Problem> unmatched(String option, List<String> patterns) {
    return patterns.stream()
        .filter(pattern -> !fitsSome(new NamePattern(pattern)))
        .findFirst()
        .map(pattern -> unmatched(option, pattern));
  }

  private boolean fitsSome(NamePattern pattern) {
    boolean fitsTarget =
        lora.match().placed().stream()
            .anyMatch(module -> pattern.fits(module.name(), module.target()));
    return fitsTarget
        || lora.match().modules().stream().anyMatch(module -> pattern.fits(module.module().name()));
  }

  private Problem unmatched(String option, String pattern) {
    Set<String> words = words();
    List<String> near = NearestNames.of(pattern.replaceAll("[*?]", ""), words);
    return Problem.incompatible("this pattern fits no module of the LoRA")
        .at(lora.match().file().name())
        .found(option + "=" + pattern)
        .expected("a part of a name, or with * and ? a whole name")
        .help(
            near.isEmpty()
                ? "parts of names in this file: " + String.join(", ", words)
                : "did you mean " + String.join(" or ", near) + "?");
  }

  /** What the names of the modules consist of, without numbers. */
  private Set<String> words() {
    Set<String> words = new TreeSet<>();
    for (PlacedModule module : lora.match().placed()) {
      for (String word : module.target().diffusersName().split("\\.")) {
        if (!word.isEmpty() && !Character.isDigit(word.charAt(0))) {
          words.add(word);
        }
      }
    }
    return words;
  }

  private Optional<Problem> nothingLeft() {
    DeltaWeights weights = lora.deltaWeights();
    if (lora.match().placed().stream().anyMatch(module -> !weights.leavesOut(module))) {
      return Optional.empty();
    }
    return Optional.of(
        Problem.incompatible("the filters leave nothing of this LoRA")
            .at(lora.match().file().name())
            .found(lora.strength().partsText())
            .expected("at least one module that only= takes and skip= does not")
            .help("loosen the filters, or leave the LoRA out"));
  }
}
