package athanor.cli;

import athanor.error.MaskedText;
import athanor.error.PrintableText;
import athanor.error.Problem;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.StringWriter;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Where words go: results to standard output, everything else to standard error; with {@code
 * --json} each as one JSON object on a line. Control characters that come from files are made
 * visible instead of being sent to the terminal.
 *
 * @param out results
 * @param err everything else
 * @param mode how much is said, and in which form
 */
record Screen(PrintStream out, PrintStream err, Mode mode) {
  enum Mode {
    NORMAL,
    QUIET,
    VERBOSE,
    JSON
  }

  /** The same screen without results. */
  Screen withoutResults() {
    return new Screen(new PrintStream(OutputStream.nullOutputStream(), false), err, mode);
  }

  /** The same screen with its results among the notes; none of them with {@code -q}. */
  Screen aside() {
    PrintStream notes =
        mode == Mode.QUIET ? new PrintStream(OutputStream.nullOutputStream(), false) : err;
    return new Screen(notes, err, mode);
  }

  boolean isJson() {
    return mode == Mode.JSON;
  }

  boolean isVerbose() {
    return mode == Mode.VERBOSE;
  }

  /** A line of the result. */
  void result(String line) {
    out.println(PrintableText.of(line));
  }

  /** A result as one JSON object. */
  void result(Consumer<JsonGenerator> fields) {
    out.println(json(fields));
    out.flush();
  }

  /** Something worth knowing that is no result; left out with {@code -q}. */
  void note(String line) {
    if (mode == Mode.JSON) {
      err.println(event("note", line));
    } else if (mode != Mode.QUIET) {
      err.println(PrintableText.of(line));
    }
  }

  /** Something the user should know. */
  void warn(String line) {
    err.println(mode == Mode.JSON ? event("warning", line) : PrintableText.of("warning: " + line));
  }

  /** Why the command failed. */
  void error(Problem problem) {
    if (mode == Mode.JSON) {
      err.println(json(fields -> writeProblem(fields, problem)));
      return;
    }
    err.println(PrintableText.of("athanor: " + problem.line()));
    problem
        .help()
        .ifPresent(help -> ("help: " + help).lines().map(PrintableText::of).forEach(err::println));
  }

  private static String event(String name, String text) {
    return json(fields -> {
      fields.writeStringProperty("event", name);
      fields.writeStringProperty("text", text);
    });
  }

  private static void writeProblem(JsonGenerator json, Problem problem) {
    json.writeStringProperty("event", "error");
    writeParts(json, problem);
    json.writeNumberProperty("exit_code", problem.kind().exitCode());
  }

  /** The parts of a problem as JSON properties of the object being written. */
  static void writeParts(JsonGenerator json, Problem problem) {
    json.writeStringProperty("kind", problem.kind().name());
    json.writeStringProperty("what", problem.what());
    problem.where().ifPresent(text -> json.writeStringProperty("where", text));
    problem.found().ifPresent(text -> json.writeStringProperty("found", text));
    problem.expected().ifPresent(text -> json.writeStringProperty("expected", text));
    problem.help().ifPresent(text -> json.writeStringProperty("help", text));
  }

  static String json(Consumer<JsonGenerator> fields) {
    var text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      fields.accept(json);
      json.writeEndObject();
    }
    return MaskedText.of(text.toString());
  }
}
