package athanor.merge;

import athanor.adapter.Delta;
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
        lora.match().deltas().stream()
            .anyMatch(delta -> pattern.fits(delta.module(), delta.target()));
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
    for (Delta delta : lora.match().deltas()) {
      for (String word : delta.target().diffusersName().split("\\.")) {
        if (!word.isEmpty() && !Character.isDigit(word.charAt(0))) {
          words.add(word);
        }
      }
    }
    return words;
  }

  private Optional<Problem> nothingLeft() {
    DeltaWeights weights = lora.deltaWeights();
    if (lora.match().deltas().stream().anyMatch(delta -> !weights.leavesOut(delta))) {
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
