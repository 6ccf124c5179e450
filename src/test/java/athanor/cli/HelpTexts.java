package athanor.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The help of every problem in the sources: what is computed stands there as {@link #VALUE}. */
final class HelpTexts {
  /** In the place of what is known only when a problem occurs. */
  static final String VALUE = "X.safetensors";

  private static final Path SOURCES = Path.of("src/main/java/athanor");
  private static final Pattern CALL = Pattern.compile("\\.help\\(");
  private static final Pattern TOKEN =
      Pattern.compile("\"((?:[^\"\\\\]|\\\\.)*)\"|([+?:,])|([^\"+?:,\\s][^\"+?:,]*)");

  private HelpTexts() {}

  /**
   * A help, or one of those that a condition chooses from.
   *
   * @param file where it is, below {@code athanor}
   * @param text what it says
   */
  record HelpText(String file, String text) {}

  static List<HelpText> all() throws IOException {
    List<HelpText> all = new ArrayList<>();
    try (Stream<Path> files = Files.walk(SOURCES)) {
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).sorted().toList()) {
        String source = Files.readString(file);
        Matcher call = CALL.matcher(source);
        while (call.find()) {
          for (String text : texts(argument(source, call.end()))) {
            all.add(new HelpText(SOURCES.relativize(file).toString().replace('\\', '/'), text));
          }
        }
      }
    }
    return all;
  }

  /** The source between the parenthesis before {@code from} and the one that closes it. */
  private static String argument(String source, int from) {
    int depth = 1;
    boolean quoted = false;
    int at = from;
    for (; depth > 0; at++) {
      char c = source.charAt(at);
      if (c == '"' && source.charAt(at - 1) != '\\') {
        quoted = !quoted;
      }
      depth += quoted ? 0 : c == '(' ? 1 : c == ')' ? -1 : 0;
    }
    return source.substring(from, at - 1);
  }

  /** What an expression may give: literals joined, calls and names as a value. */
  private static List<String> texts(String expression) {
    List<String> texts = new ArrayList<>();
    var text = new StringBuilder();
    boolean literal = false;
    Matcher token = TOKEN.matcher(expression);
    while (token.find()) {
      if (token.group(1) != null) {
        text.append(token.group(1).translateEscapes());
        literal = true;
      } else if (token.group(3) != null) {
        text.append(VALUE);
      } else if (!token.group(2).equals("+")) {
        if (literal) {
          texts.add(text.toString());
        }
        text.setLength(0);
        literal = false;
      }
    }
    if (literal) {
      texts.add(text.toString());
    }
    return texts;
  }
}
