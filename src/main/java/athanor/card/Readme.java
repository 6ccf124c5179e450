package athanor.card;

import athanor.error.Problem;
import java.util.List;
import java.util.Optional;

/**
 * A {@code README.md} in its parts.
 *
 * @param frontMatter the YAML between the two lines {@code ---}; empty if there is none
 * @param body all that follows
 * @param newline what its lines end with
 */
record Readme(Optional<String> frontMatter, String body, String newline) {
  private static final String RULE = "---";
  private static final String BEGIN = "<!-- athanor:begin -->";
  private static final String END = "<!-- athanor:end -->";

  /** Splits a text; a byte order mark is left out, since the Hub wants the first rule at byte 0. */
  static Readme of(String text) {
    String plain = text.startsWith("\ufeff") ? text.substring(1) : text;
    boolean windows =
        plain.contains("\r\n") && plain.replace("\r\n", "").chars().noneMatch(c -> c == '\n');
    String unix = windows ? plain.replace("\r\n", "\n") : plain;
    String newline = windows ? "\r\n" : "\n";
    int start = unix.indexOf('\n') + 1;
    if (start == 0 || !unix.substring(0, start).stripTrailing().equals(RULE)) {
      return new Readme(Optional.empty(), unix, newline);
    }
    for (int at = start; at < unix.length(); ) {
      int next = unix.indexOf('\n', at);
      int end = next < 0 ? unix.length() : next + 1;
      if (unix.substring(at, end).stripTrailing().equals(RULE)) {
        return new Readme(Optional.of(unix.substring(start, at)), unix.substring(end), newline);
      }
      at = end;
    }
    return new Readme(Optional.empty(), unix, newline);
  }

  /** The same with another front matter, which ends with a line end. */
  Readme withFrontMatter(String yaml) {
    return new Readme(Optional.of(yaml), frontMatter.isPresent() ? body : "\n" + body, newline);
  }

  /**
   * The same with this section, which ends with a line end, in the place of the one that was marked
   * as this program's; at the end if none was.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if the marks are not one pair
   */
  Readme withSection(String section) {
    String marked = BEGIN + "\n" + section + END + "\n";
    List<String> lines = body.lines().map(String::stripTrailing).toList();
    long begins = lines.stream().filter(BEGIN::equals).count();
    long ends = lines.stream().filter(END::equals).count();
    if (begins == 0 && ends == 0) {
      String before = body.isBlank() ? "\n" : body.stripTrailing() + "\n\n";
      return new Readme(frontMatter, before + marked, newline);
    }
    int begin = lineStart(BEGIN);
    int end = lineStart(END);
    if (begins != 1 || ends != 1 || begin > end) {
      throw Problem.badFile("the marks around this program's section of the card are not one pair")
          .expected("one line " + BEGIN + " and after it one line " + END)
          .help("delete the section with its marks, or make the card anew with --overwrite")
          .toException();
    }
    int rest = body.indexOf('\n', end);
    String after = rest < 0 ? "" : body.substring(rest + 1);
    return new Readme(frontMatter, body.substring(0, begin) + marked + after, newline);
  }

  private int lineStart(String line) {
    int at = 0;
    for (String one : body.split("(?<=\n)")) {
      if (one.stripTrailing().equals(line)) {
        return at;
      }
      at += one.length();
    }
    return -1;
  }

  /** The whole text. */
  String text() {
    String unix = frontMatter.map(yaml -> RULE + "\n" + yaml + RULE + "\n" + body).orElse(body);
    return newline.equals("\n") ? unix : unix.replace("\n", newline);
  }
}
