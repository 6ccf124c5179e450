package athanor.cli.terminal;

import athanor.error.MaskedText;
import athanor.error.PrintableText;
import athanor.error.Problem;
import athanor.report.Event;
import athanor.report.JsonLine;
import athanor.report.Result;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.List;

/**
 * Where words go: results to standard output, everything else to standard error; with {@code
 * --json} each as one JSON object on a line. Control characters that come from files are made
 * visible instead of being sent to the terminal.
 *
 * @param out results
 * @param err everything else
 * @param mode how much is said, and in which form
 * @param isDebugging whether stack traces and the times of stages are said too
 */
public record Screen(PrintStream out, PrintStream err, Mode mode, boolean isDebugging) {
  public enum Mode {
    NORMAL,
    QUIET,
    VERBOSE,
    JSON
  }

  /** The same screen without results. */
  public Screen withoutResults() {
    return withResultsTo(new PrintStream(OutputStream.nullOutputStream(), false));
  }

  /** The same screen with its results among the notes; none of them with {@code -q}. */
  public Screen aside() {
    return mode == Mode.QUIET ? withoutResults() : withResultsTo(err);
  }

  private Screen withResultsTo(PrintStream stream) {
    return new Screen(stream, err, mode, isDebugging);
  }

  public boolean isJson() {
    return mode == Mode.JSON;
  }

  public boolean isVerbose() {
    return mode == Mode.VERBOSE;
  }

  /** A line of the result. */
  public void result(String line) {
    out.println(PrintableText.of(line));
  }

  /** A result as one JSON object. */
  public void result(Result result) {
    out.println(JsonLine.of(result));
    out.flush();
  }

  /** Each result as one JSON object. */
  public void results(List<? extends Result> results) {
    results.forEach(this::result);
  }

  /** Something worth knowing that is no result; left out with {@code -q}. */
  public void note(String line) {
    if (mode == Mode.JSON) {
      event(new Event.Note(line));
    } else if (mode != Mode.QUIET) {
      err.println(PrintableText.of(line));
    }
  }

  /** Something the user should know. */
  public void warn(String line) {
    if (mode == Mode.JSON) {
      event(new Event.Warning(line));
    } else {
      err.println(PrintableText.of("warning: " + line));
    }
  }

  /** Why the command failed. */
  public void error(Problem problem) {
    if (mode == Mode.JSON) {
      event(Event.Failure.of(problem));
      return;
    }
    err.println(PrintableText.of("athanor: " + problem.line()));
    help(problem, err);
  }

  /** A problem among the results: a file of several that was refused. */
  public void resultProblem(Problem problem) {
    result(problem.line());
    problem.help().ifPresent(help -> result("help: " + help));
  }

  private static void help(Problem problem, PrintStream stream) {
    problem
        .help()
        .ifPresent(help ->
            ("help: " + ProgramName.in(help))
                .lines()
                .map(PrintableText::of)
                .forEach(stream::println));
  }

  /** An event as one JSON object. */
  public void event(Event event) {
    err.println(JsonLine.of(event));
  }

  /** For bug reports: said only with {@code --debug}. */
  public void debug(String text) {
    if (!isDebugging) {
      return;
    }
    if (mode == Mode.JSON) {
      event(new Event.Debug(text));
    } else {
      text.lines().forEach(line -> err.println(PrintableText.of("debug: " + line)));
    }
  }

  /** For bug reports: where a failure came from. */
  public void debug(Throwable failure) {
    if (isDebugging) {
      debug(MaskedText.ofFailure(failure));
    }
  }
}
