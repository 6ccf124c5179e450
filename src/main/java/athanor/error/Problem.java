package athanor.error;

import java.util.Optional;
import java.util.StringJoiner;

/**
 * One thing that went wrong, in parts, so that a terminal, a JSON stream and a page can each show
 * it in their way. Immutable; build one with a factory and the {@code with…} methods:
 *
 * <pre>{@code
 * throw Problem.badFile("the header length is out of range")
 *     .at("model.safetensors, byte 0")
 *     .found("9000000000")
 *     .expected("2 to 100000000")
 *     .help("download the file again")
 *     .toException();
 * }</pre>
 *
 * <p>Every part is shown to people and often quotes a file, so it is kept as {@link PrintableText}.
 *
 * @param kind the category
 * @param what what happened, a sentence without a full stop
 * @param where file, tensor, module, byte offset or option
 * @param found the offending value
 * @param expected what would have been right
 * @param help what the user can do, if possible the command that fixes it
 */
public record Problem(
    Kind kind,
    String what,
    Optional<String> where,
    Optional<String> found,
    Optional<String> expected,
    Optional<String> help) {

  /** Makes every part safe to show, without secrets; only the help may have several lines. */
  public Problem {
    what = PrintableText.ofMessage(what);
    where = where.map(PrintableText::ofMessage);
    found = found.map(PrintableText::ofMessage);
    expected = expected.map(PrintableText::ofMessage);
    help = help.map(Problem::printableLines);
  }

  private static String printableLines(String text) {
    if (text.indexOf('\n') < 0) {
      return PrintableText.ofMessage(text);
    }
    var lines = new StringJoiner("\n");
    for (String line : text.split("\n", -1)) {
      lines.add(PrintableText.ofMessage(line));
    }
    return lines.toString();
  }

  /** A problem of {@code kind} with only its sentence. */
  public static Problem of(Kind kind, String what) {
    return new Problem(
        kind, what, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** A mistake in the request (exit code 2). */
  public static Problem usage(String what) {
    return of(Kind.USAGE, what);
  }

  /** Inputs that do not fit together (exit code 3). */
  public static Problem incompatible(String what) {
    return of(Kind.INCOMPATIBLE, what);
  }

  /** A missing, unreadable or damaged file (exit code 4). */
  public static Problem badFile(String what) {
    return of(Kind.BAD_FILE, what);
  }

  /** This problem, located. */
  public Problem at(String place) {
    return new Problem(kind, what, Optional.of(place), found, expected, help);
  }

  /** This problem with the offending value; its {@code toString} is shown. */
  public Problem found(Object value) {
    return new Problem(kind, what, where, Optional.of(value.toString()), expected, help);
  }

  /** This problem with what would have been right; its {@code toString} is shown. */
  public Problem expected(Object value) {
    return new Problem(kind, what, where, found, Optional.of(value.toString()), help);
  }

  /** This problem with what to do about it. */
  public Problem help(String advice) {
    return new Problem(kind, what, where, found, expected, Optional.of(advice));
  }

  /** One line without the help: {@code where: what: found F (expected: E)}. */
  public String line() {
    var text = new StringBuilder();
    where.ifPresent(place -> text.append(place).append(": "));
    text.append(what);
    found.ifPresent(value -> text.append(": found ").append(value));
    expected.ifPresent(value -> text.append(" (expected: ").append(value).append(')'));
    return text.toString();
  }

  /** The exception that carries this problem. */
  public AthanorException toException() {
    return new AthanorException(this, null);
  }

  /** The exception that carries this problem, with the failure that caused it. */
  public AthanorException toException(Throwable cause) {
    return new AthanorException(this, cause);
  }
}
