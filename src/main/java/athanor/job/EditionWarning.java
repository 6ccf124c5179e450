package athanor.job;

import athanor.model.Architecture;
import athanor.model.Editions;
import athanor.tensor.StateDict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Says when a LoRA was made for another edition of the base than the base is, going by names. */
final class EditionWarning {
  /** Where trainers and sites say which model a file is, or is for. */
  private static final List<String> ENTRIES =
      List.of(
          "ss_base_model_version",
          "ss_sd_model_name",
          "modelspec.architecture",
          "modelspec.title",
          "base_model");

  private EditionWarning() {}

  static List<String> of(StateDict base, Architecture architecture, List<Candidate> candidates) {
    Editions editions = Editions.of(architecture);
    Map<String, String> ofBase = editions.namedIn(texts(base));
    List<String> warnings = new ArrayList<>();
    for (Candidate candidate : candidates) {
      candidate
          .file()
          .map(lora -> editions.namedIn(texts(lora.source())))
          .ifPresent(ofLora ->
              ofLora.forEach((group, label) -> {
                String own = ofBase.getOrDefault(group, label);
                if (!own.equals(label)) {
                  warnings.add(
                      candidate.input().name()
                          + ": made for "
                          + architecture.label()
                          + " "
                          + label
                          + " by its name or metadata, and the base is "
                          + own
                          + " by its own; they fit each other, try the result before you use it");
                }
              }));
    }
    return warnings;
  }

  private static List<String> texts(StateDict file) {
    return Stream.concat(
            Stream.of(file.name()),
            ENTRIES.stream().map(entry -> file.metadata().getOrDefault(entry, "")))
        .toList();
  }
}
