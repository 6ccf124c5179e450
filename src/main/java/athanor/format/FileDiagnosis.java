package athanor.format;

import athanor.error.PrintableText;
import athanor.error.Problem;
import athanor.file.InputFile;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a file really is. Every text is safe to show on a terminal, whatever the file contains.
 *
 * @param kind what it is
 * @param fact what is special about this very file, such as the title of a web page or how much of
 *     a download is there
 * @param why why people end up with such a file, or empty
 * @param help what to do, or empty
 */
public record FileDiagnosis(
    FileKind kind, Optional<String> fact, Optional<String> why, Optional<String> help) {

  private static final int SHOWN_FACT = 300;

  /** Makes every text printable. */
  public FileDiagnosis {
    fact = fact.map(text -> PrintableText.of(text, SHOWN_FACT));
    why = why.map(PrintableText::of);
    help = help.map(PrintableText::of);
  }

  static FileDiagnosis of(FileKind kind) {
    return new FileDiagnosis(kind, Optional.empty(), nonEmpty(kind.why()), nonEmpty(kind.help()));
  }

  private static Optional<String> nonEmpty(String text) {
    return text.isEmpty() ? Optional.empty() : Optional.of(text);
  }

  /**
   * Examines a path: a folder, or a file by its first 4 KiB, its last 64 KiB, its size, its name
   * and what lies beside it. For safetensors the header is checked too.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if it is missing or unreadable
   */
  public static FileDiagnosis of(Path path) {
    return FileDoctor.examine(path);
  }

  /**
   * Examines an open file, as {@link #of(Path)}.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if it cannot be read
   */
  public static FileDiagnosis of(InputFile file) {
    return FileDoctor.examine(file);
  }

  FileDiagnosis withFact(String text) {
    return text.isEmpty() ? this : new FileDiagnosis(kind, Optional.of(text), why, help);
  }

  FileDiagnosis withWhy(String text) {
    return new FileDiagnosis(kind, fact, Optional.of(text), help);
  }

  FileDiagnosis withHelp(String text) {
    return new FileDiagnosis(kind, fact, why, Optional.of(text));
  }

  /** One line: what it is, what is special, and why that happens. */
  public String line() {
    String line = "this is " + kind.what() + fact.map(text -> ": " + text).orElse("");
    return kind == FileKind.UNKNOWN
        ? kind.what() + fact.map(text -> ": " + text).orElse("")
        : line + why.map(text -> " (" + text + ")").orElse("");
  }

  /** The problem to report when a model was wanted and this was given, located at the file name. */
  public Problem problem(String file) {
    Problem problem = Problem.badFile(line()).at(file);
    return help.map(problem::help).orElse(problem);
  }
}
