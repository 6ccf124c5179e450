package athanor.cli.terminal;

import java.util.ArrayList;
import java.util.List;

/**
 * A table in plain text: columns as wide as their widest cell, two blanks between. Not picocli's:
 * that one reads {@code @|bold …|@} in cells as markup, and cells quote file names.
 */
public final class TextTable {
  private final List<List<String>> rows = new ArrayList<>();

  public TextTable(String... headings) {
    rows.add(List.of(headings));
  }

  public void add(String... cells) {
    rows.add(List.of(cells));
  }

  public List<String> lines() {
    int columns = rows.getFirst().size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int column = 0; column < columns; column++) {
        int width = row.get(column).codePointCount(0, row.get(column).length());
        widths[column] = Math.max(widths[column], width);
      }
    }
    return rows.stream().map(row -> line(row, widths)).toList();
  }

  private static String line(List<String> row, int[] widths) {
    var line = new StringBuilder();
    for (int column = 0; column < row.size(); column++) {
      String cell = row.get(column);
      line.append(cell);
      if (column + 1 < row.size()) {
        line.repeat(' ', widths[column] - cell.codePointCount(0, cell.length()) + 2);
      }
    }
    return line.toString().stripTrailing();
  }
}
