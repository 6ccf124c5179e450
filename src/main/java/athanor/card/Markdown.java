package athanor.card;

import athanor.error.PrintableText;
import java.util.Collections;
import java.util.List;
import java.util.StringJoiner;

/**
 * Markdown of texts that may be hostile: whatever they hold, they stay one piece of one line and
 * neither format, link, nor end a table. Texts are cut after 300 characters.
 */
final class Markdown {
  private Markdown() {}

  /** A text in a sentence or heading. */
  static String text(String hostile) {
    var out = new StringBuilder();
    unlinked(PrintableText.line(hostile))
        .codePoints()
        .forEach(point -> {
          if ("<>&|".indexOf(point) >= 0) {
            out.append("&#").append(point).append(';');
          } else {
            if ("\\`*_{}[]()#!~$@:".indexOf(point) >= 0) {
              out.append('\\');
            }
            out.appendCodePoint(point);
          }
        });
    return out.toString();
  }

  /**
   * A name or a word, in the font of code. Pipes would end the cell of a table even in code, so
   * they are written as HTML.
   */
  static String code(String hostile) {
    String line = PrintableText.line(hostile);
    if (line.isEmpty()) {
      return "–";
    }
    if (line.indexOf('|') >= 0) {
      return "<code>" + entities(unlinked(line)) + "</code>";
    }
    int longest = 0;
    int run = 0;
    for (int i = 0; i < line.length(); i++) {
      run = line.charAt(i) == '`' ? run + 1 : 0;
      longest = Math.max(longest, run);
    }
    String ticks = "`".repeat(longest + 1);
    String space = line.startsWith("`") || line.endsWith("`") ? " " : "";
    return ticks + space + line + space + ticks;
  }

  /** Readers make links of addresses in text, however they are escaped. */
  private static String unlinked(String line) {
    return line.replace("://", ": //").replace("@", "@ ").replaceAll("(?i)www\\.", "www .");
  }

  private static String entities(String line) {
    var out = new StringBuilder();
    line.codePoints()
        .forEach(point -> {
          if (Character.isLetterOrDigit(point) || point == ' ' || point > 0x7f) {
            out.appendCodePoint(point);
          } else {
            out.append("&#").append(point).append(';');
          }
        });
    return out.toString();
  }

  /** Several words, each as {@link #code}. */
  static String codes(List<String> hostile) {
    var words = new StringJoiner(", ");
    hostile.forEach(word -> words.add(code(word)));
    return words.toString();
  }

  /**
   * A link.
   *
   * @param label Markdown
   * @param address an http or https address whose characters are legal in one
   */
  static String link(String label, String address) {
    String safe =
        address
            .replace("(", "%28")
            .replace(")", "%29")
            .replace("|", "%7C")
            .replace("*", "%2A")
            .replace("'", "%27");
    return "[" + label + "](" + safe + ")";
  }

  /** A table; the cells are Markdown. */
  static String table(List<String> head, List<List<String>> rows) {
    var out = new StringBuilder(row(head));
    out.append(row(Collections.nCopies(head.size(), "---")));
    rows.forEach(cells -> out.append(row(cells)));
    return out.toString();
  }

  private static String row(List<String> cells) {
    return "| " + String.join(" | ", cells) + " |\n";
  }

  /**
   * A block of code.
   *
   * @param content without three backticks in a row
   */
  static String block(String language, String content) {
    return "```" + language + "\n" + content.stripTrailing() + "\n```\n";
  }
}
