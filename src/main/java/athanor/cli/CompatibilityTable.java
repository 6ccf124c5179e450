package athanor.cli;

import athanor.adapter.AdapterMatch;
import athanor.adapter.AdapterTraits;
import athanor.error.AthanorException;
import athanor.error.Problem;
import athanor.job.Candidate;
import athanor.job.PreparedMerge;
import java.util.Optional;
import tools.jackson.core.JsonGenerator;

/** The table of {@code check}: each LoRA, what it is, what of it would be applied, the verdict. */
final class CompatibilityTable {
  private final Screen screen;

  CompatibilityTable(Screen screen) {
    this.screen = screen;
  }

  void print(PreparedMerge merge) {
    if (screen.isJson()) {
      screen.result(json -> BaseLine.write(json, merge));
      merge.candidates().forEach(candidate -> screen.result(json -> write(json, candidate)));
      return;
    }
    screen.result(BaseLine.text(merge));
    screen.result("");
    var table =
        new TextTable("LoRA", "made for", "kind", "rank", "alpha", "ratio", "applied", "verdict");
    merge.candidates().forEach(candidate -> addRow(table, candidate));
    var weights = new WeightTable(screen);
    table.lines().forEach(screen::result);
    weights.printSettings(merge.candidates());
    merge.candidates().stream()
        .flatMap(candidate -> candidate.refusal().stream())
        .forEach(this::explain);
    if (screen.isVerbose()) {
      merge.candidates().stream()
          .filter(Candidate::fits)
          .flatMap(candidate -> candidate.planned().stream())
          .forEach(weights::print);
      merge.candidates().forEach(this::listLeftOut);
    }
  }

  private static void addRow(TextTable table, Candidate candidate) {
    Optional<AdapterTraits> traits = traits(candidate);
    table.add(
        candidate.input().name(),
        candidate.match().map(AdapterMatch::madeForText).orElse("–"),
        traits.map(AdapterTraits::kind).orElse("?"),
        traits.map(AdapterTraits::rankText).orElse("–"),
        traits.map(AdapterTraits::alphaText).orElse("–"),
        Sizes.ratio(candidate.input().strength().ratio()),
        candidate.planned().map(lora -> lora.applied() + " of " + lora.match().total()).orElse("–"),
        candidate.fits() ? "fits" : "does not fit");
  }

  private static Optional<AdapterTraits> traits(Candidate candidate) {
    try {
      return candidate.match().map(match -> AdapterTraits.of(match.file()));
    } catch (AthanorException e) {
      return Optional.empty();
    }
  }

  private void explain(Problem problem) {
    screen.result("");
    screen.result(problem.line());
    problem.help().ifPresent(help -> screen.result("help: " + help));
  }

  private void listLeftOut(Candidate candidate) {
    candidate
        .match()
        .ifPresent(match ->
            match
                .withoutTarget()
                .forEach((reason, modules) -> {
                  screen.result("");
                  screen.result(candidate.input().name() + ", left out: " + reason);
                  modules.forEach(module -> screen.result("  " + module));
                }));
  }

  private static void write(JsonGenerator json, Candidate candidate) {
    json.writeStringProperty("result", "lora");
    json.writeStringProperty("file", candidate.input().name());
    json.writeNumberProperty("ratio", candidate.input().strength().ratio());
    json.writeBooleanProperty("fits", candidate.fits());
    candidate
        .planned()
        .ifPresent(lora -> {
          json.writeNumberProperty("applied", lora.applied());
          json.writeNumberProperty("modules", lora.match().total());
          json.writeStringProperty("made_for", lora.match().madeForText());
          WeightTable.write(json, lora);
        });
    traits(candidate)
        .ifPresent(traits -> {
          json.writeStringProperty("kind", traits.kind());
          json.writeStringProperty("rank", traits.rankText());
          json.writeStringProperty("alpha", traits.alphaText());
        });
    candidate
        .refusal()
        .ifPresent(problem -> {
          json.writeName("problem");
          json.writeStartObject();
          Screen.writeParts(json, problem);
          json.writeEndObject();
        });
  }
}
