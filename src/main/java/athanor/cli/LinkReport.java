package athanor.cli;

import athanor.error.Kind;
import athanor.hub.Fetched;
import athanor.hub.RemoteFile;
import athanor.job.DeclaredCheck;
import athanor.job.DownloadForecast;
import athanor.job.RemoteInput;
import athanor.job.RemoteInputs;
import athanor.recipe.Recipe;
import java.util.OptionalLong;
import tools.jackson.core.JsonGenerator;

/** What is said of inputs that were given as links. */
final class LinkReport {
  private final Screen screen;

  LinkReport(Screen screen) {
    this.screen = screen;
  }

  /** What would be downloaded. */
  void print(DownloadForecast forecast) {
    if (forecast.items().isEmpty()) {
      return;
    }
    if (screen.isJson()) {
      forecast.items().forEach(item -> screen.result(json -> write(json, item)));
      return;
    }
    screen.result("");
    var table = new TextTable("from a link", "size", "download", "source");
    for (DownloadForecast.Item item : forecast.items()) {
      table.add(
          item.file().localName(),
          size(item.size()),
          item.here() ? "already there" : size(item.size()),
          item.file().asked());
    }
    table.lines().forEach(screen::result);
    screen.result(
        "to download: "
            + Sizes.bytes(forecast.bytes())
            + " into "
            + forecast.folder()
            + " ("
            + Sizes.bytes(forecast.freeBytes())
            + " free)");
  }

  private static void write(JsonGenerator json, DownloadForecast.Item item) {
    json.writeStringProperty("result", "download");
    json.writeStringProperty("file", item.file().localName());
    json.writeStringProperty("source", item.file().asked());
    json.writeBooleanProperty("here", item.here());
    item.size().ifPresent(size -> json.writeNumberProperty("bytes", size));
    item.file().sha256().ifPresent(hash -> json.writeStringProperty("sha256", hash));
  }

  /** An input is here. */
  void arrived(RemoteInput input) {
    input
        .files()
        .forEach(file ->
            file.fetched().ifPresent(fetched -> screen.note(arrival(file.file(), fetched))));
  }

  /** Where a file came from, its size, and against what its hash was compared. */
  static String arrival(RemoteFile file, Fetched fetched) {
    return file.localName()
        + ": "
        + fetched.how().label()
        + ", "
        + Sizes.bytes(fetched.size())
        + (file.sha256().isPresent() ? ", hash verified" : ", no hash is listed to compare with")
        + " (SHA-256 "
        + fetched.sha256()
        + ", from "
        + file.asked()
        + ")";
  }

  /** The verdict where some files cannot be read, and why they cannot; returns the exit code. */
  int printDeclared(Recipe recipe, RemoteInputs inputs) {
    var check = DeclaredCheck.of(recipe, inputs);
    print(check);
    print(inputs.forecast());
    inputs
        .unreadable()
        .ifPresent(reason -> {
          screen.warn("some files cannot be read yet: " + reason.line());
          reason.help().ifPresent(help -> screen.note("help: " + help));
        });
    return check.refuses() ? Kind.INCOMPATIBLE.exitCode() : 0;
  }

  private void print(DeclaredCheck check) {
    if (screen.isJson()) {
      screen.result(json -> write(json, "base", check.base()));
      check.loras().forEach(lora -> screen.result(json -> write(json, "lora", lora)));
      return;
    }
    screen.result(check.base().name() + ": " + check.base().madeFor() + source(check.base()));
    screen.result("");
    var table = new TextTable("LoRA", "made for", "kind", "verdict");
    for (DeclaredCheck.Line line : check.loras()) {
      table.add(line.name(), line.madeFor(), line.kind(), line.verdict().label() + source(line));
    }
    table.lines().forEach(screen::result);
  }

  private static String source(DeclaredCheck.Line line) {
    return line.declared() ? " (as declared)" : "";
  }

  private static void write(JsonGenerator json, String role, DeclaredCheck.Line line) {
    json.writeStringProperty("result", role);
    json.writeStringProperty("file", line.name());
    json.writeStringProperty("kind", line.kind());
    json.writeStringProperty("made_for", line.madeFor());
    json.writeBooleanProperty("declared", line.declared());
    json.writeStringProperty("verdict", line.verdict().label());
  }

  private static String size(OptionalLong bytes) {
    return bytes.isPresent() ? Sizes.bytes(bytes.getAsLong()) : "not known";
  }
}
