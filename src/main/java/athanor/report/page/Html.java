package athanor.report.page;

import athanor.error.PrintableText;
import java.util.List;
import java.util.Locale;

/** Text of a page as it grows. What is given as text is escaped; only {@link #raw} is not. */
final class Html {
  private final StringBuilder page = new StringBuilder();

  Html raw(String markup) {
    page.append(markup);
    return this;
  }

  /** An element with text in it. */
  Html element(String name, String text) {
    page.append('<').append(name).append('>').append(escaped(text));
    page.append("</").append(name.split(" ", 2)[0]).append(">\n");
    return this;
  }

  /** A table: the first cell of each row is its heading. Cells are markup from {@link #cell}. */
  Html table(List<String> heads, List<List<String>> rows) {
    page.append("<div class=\"wide\"><table><thead><tr>");
    heads.forEach(head -> page.append("<th scope=\"col\">").append(escaped(head)).append("</th>"));
    page.append("</tr></thead><tbody>\n");
    for (List<String> row : rows) {
      page.append("<tr>");
      row.forEach(page::append);
      page.append("</tr>\n");
    }
    page.append("</tbody></table></div>\n");
    return this;
  }

  static String heading(String text) {
    return "<th scope=\"row\">" + escaped(text) + "</th>";
  }

  static String cell(String text) {
    return "<td>" + escaped(text) + "</td>";
  }

  /** A shaded cell; the shade only repeats what its text says. */
  static String heat(String text, double share) {
    return String.format(
        Locale.ROOT,
        "<td class=\"heat\" style=\"--share:%.3f\">%s</td>",
        Math.clamp(share, 0, 1) * 0.6,
        escaped(text));
  }

  static String escaped(String text) {
    return PrintableText.of(text)
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  @Override
  public String toString() {
    return page.toString();
  }
}
