package athanor.cli.help;

import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;

/** Lines of a help page: headings, terms with their explanation, text wrapped at the width. */
public final class HelpText {
  private static final int INDENT = 2;
  private static final int TERM = 26;

  /** Below this width an explanation goes under its term instead of beside it. */
  private static final int NARROW = 60;

  private final int width;
  private final StringBuilder text = new StringBuilder();

  /** An empty page of this width. */
  public HelpText(int width) {
    this.width = width;
  }

  /** Text as it is, not wrapped. */
  public HelpText line(String line) {
    text.append(line).append('\n');
    return this;
  }

  /** A heading after an empty line. */
  public HelpText heading(String title) {
    return line("").line(title);
  }

  /** A sentence, wrapped; its first line begins with {@code first}, the others as far right. */
  public HelpText paragraph(String first, String sentence) {
    String next = " ".repeat(first.length());
    String begin = first;
    for (String line : wrap(sentence, width - first.length())) {
      line(begin + line);
      begin = next;
    }
    return this;
  }

  /** A term, and beside it what it means. */
  public HelpText entry(String term, List<String> meaning) {
    String indented = " ".repeat(INDENT) + term;
    boolean under = width < NARROW;
    String margin = " ".repeat(under ? 2 * INDENT + 2 : TERM);
    String begin = margin;
    if (under || indented.length() > TERM - 2) {
      line(indented);
    } else {
      begin = indented + " ".repeat(TERM - indented.length());
    }
    for (String sentence : meaning) {
      for (String line : wrap(sentence, width - margin.length())) {
        line(begin + line);
        begin = margin;
      }
    }
    return this;
  }

  private static List<String> wrap(String sentence, int width) {
    List<String> lines = new ArrayList<>();
    var line = new StringJoiner(" ");
    for (String word : sentence.strip().split("\\s+")) {
      if (line.length() > 0 && line.length() + 1 + word.length() > width) {
        lines.add(line.toString());
        line = new StringJoiner(" ");
      }
      line.add(word);
    }
    lines.add(line.toString());
    return lines;
  }

  /** The page, each line ended. */
  @Override
  public String toString() {
    return text.toString();
  }
}
