package athanor.cli;

import athanor.adapter.AdapterFile;
import athanor.adapter.AdapterMatch;
import athanor.adapter.AdapterTraits;
import athanor.error.AthanorException;
import athanor.error.Problem;
import athanor.job.LoraCandidate;
import athanor.job.LoraOutlook;
import athanor.job.PreparedLoraMerge;
import athanor.model.Architecture;
import athanor.model.LoraArchitecture;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.core.JsonGenerator;

/** The table of {@code check} without a base: the LoRAs among themselves, and each method. */
final class LoraTable {
  private final Screen screen;

  LoraTable(Screen screen) {
    this.screen = screen;
  }

  /** Prints the inputs. */
  void print(PreparedLoraMerge merge) {
    if (screen.isJson()) {
      merge.candidates().forEach(candidate -> screen.result(json -> write(json, candidate)));
      return;
    }
    var table =
        new TextTable("LoRA", "made for", "kind", "rank", "alpha", "ratio", "modules", "verdict");
    merge.candidates().forEach(candidate -> addRow(table, candidate));
    table.lines().forEach(screen::result);
    if (merge.refusal().isEmpty() && merge.candidates().size() > 1) {
      screen.result("modules that all of them change: " + LoraOutlook.modulesInCommon(merge));
    }
    merge.candidates().stream()
        .flatMap(candidate -> candidate.refusal().stream())
        .forEach(this::explain);
  }

  /** Prints what each method would make of them. */
  void print(List<LoraOutlook> outlooks) {
    if (screen.isJson()) {
      outlooks.forEach(outlook -> screen.result(json -> write(json, outlook)));
      return;
    }
    screen.result("");
    var table = new TextTable("method", "verdict", "rank", "size");
    for (LoraOutlook outlook : outlooks) {
      Optional<LoraOutlook.Result> result = outlook.result();
      table.add(
          outlook.method().text(),
          result.isPresent() ? "possible" : "not possible",
          result.map(r -> r.ranks().text()).orElse("–"),
          result.map(r -> Sizes.bytes(r.bytes())).orElse("–"));
    }
    table.lines().forEach(screen::result);
    outlooks.stream().flatMap(outlook -> outlook.refusal().stream()).forEach(this::explain);
  }

  private static void addRow(TextTable table, LoraCandidate candidate) {
    Optional<AdapterTraits> traits = traits(candidate);
    table.add(
        candidate.input().name(),
        madeFor(candidate),
        traits.map(AdapterTraits::kind).orElse("?"),
        traits.map(AdapterTraits::rankText).orElse("–"),
        traits.map(AdapterTraits::alphaText).orElse("–"),
        Sizes.ratio(candidate.input().strength().ratio()),
        modules(candidate),
        candidate.fits() ? "fits" : "does not fit");
  }

  private static String modules(LoraCandidate candidate) {
    Optional<AdapterMatch> match = candidate.match();
    if (match.isPresent()) {
      return match.get().applied() + " of " + match.get().total();
    }
    return candidate.file().map(file -> Integer.toString(file.modules().size())).orElse("–");
  }

  private static String madeFor(LoraCandidate candidate) {
    return candidate
        .file()
        .map(AdapterFile::madeFor)
        .map(madeFor ->
            switch (madeFor) {
              case LoraArchitecture.Certain certain -> certain.architecture().label();
              case LoraArchitecture.OneOf several ->
                  several.candidates().stream()
                      .map(Architecture::label)
                      .collect(Collectors.joining(" or "));
              case LoraArchitecture.Undetermined _ -> "?";
            })
        .orElse("–");
  }

  private static Optional<AdapterTraits> traits(LoraCandidate candidate) {
    try {
      return candidate.file().map(AdapterTraits::of);
    } catch (AthanorException e) {
      return Optional.empty();
    }
  }

  private void explain(Problem problem) {
    screen.result("");
    screen.result(problem.line());
    problem.help().ifPresent(help -> screen.result("help: " + help));
  }

  private static void write(JsonGenerator json, LoraCandidate candidate) {
    json.writeStringProperty("result", "lora");
    json.writeStringProperty("file", candidate.input().name());
    json.writeNumberProperty("ratio", candidate.input().strength().ratio());
    json.writeBooleanProperty("fits", candidate.fits());
    json.writeStringProperty("made_for", madeFor(candidate));
    candidate
        .match()
        .ifPresent(match -> {
          json.writeNumberProperty("applied", match.applied());
          json.writeNumberProperty("modules", match.total());
        });
    traits(candidate)
        .ifPresent(traits -> {
          json.writeStringProperty("kind", traits.kind());
          json.writeStringProperty("rank", traits.rankText());
          json.writeStringProperty("alpha", traits.alphaText());
        });
    candidate.refusal().ifPresent(problem -> writeProblem(json, problem));
  }

  private static void write(JsonGenerator json, LoraOutlook outlook) {
    json.writeStringProperty("result", "method");
    json.writeStringProperty("method", outlook.method().description().name());
    json.writeBooleanProperty("possible", outlook.result().isPresent());
    outlook
        .result()
        .ifPresent(result -> {
          json.writeStringProperty("rank", result.ranks().text());
          json.writeNumberProperty("bytes", result.bytes());
        });
    outlook.refusal().ifPresent(problem -> writeProblem(json, problem));
  }

  private static void writeProblem(JsonGenerator json, Problem problem) {
    json.writeName("problem");
    json.writeStartObject();
    Screen.writeParts(json, problem);
    json.writeEndObject();
  }
}
