package athanor.cli.report;

import athanor.cli.terminal.Screen;
import athanor.cli.terminal.TextTable;
import athanor.report.ComparedFiles;
import athanor.report.ComparedPart;
import java.util.List;
import java.util.Locale;

/** How far two checkpoints are from each other. */
public final class DiffReport {
  private final Screen screen;

  public DiffReport(Screen screen) {
    this.screen = screen;
  }

  /** The whole comparison. */
  public void print(ComparedFiles files) {
    if (screen.isJson()) {
      screen.result(files);
      return;
    }
    screen.result(
        files.a()
            + " and "
            + files.b()
            + ": "
            + files.architecture()
            + ", "
            + files.tensors()
            + " weights in common, "
            + files.identical()
            + " of them identical, relative change "
            + percent(files.relativeChange()));
    missing(files.onlyInA(), "only in " + files.a());
    missing(files.onlyInB(), "only in " + files.b());
    missing(files.otherShape(), "of other shapes");
    screen.result("");
    printParts("component", files.components());
    if (!files.blocks().isEmpty()) {
      screen.result("");
      printParts("block", files.blocks());
    }
    if (!files.largest().isEmpty()) {
      screen.result("");
      var table = new TextTable("largest changes", "change");
      files.largest().forEach(weight -> table.add(weight.key(), percent(weight.relativeChange())));
      table.lines().forEach(screen::result);
    }
  }

  private void missing(int count, String where) {
    if (count > 0) {
      screen.result("  " + count + (count == 1 ? " weight " : " weights ") + where);
    }
  }

  /** One line for each part. */
  void printParts(String what, List<ComparedPart> parts) {
    var table = new TextTable(what, "weights", "identical", "change");
    for (ComparedPart part : parts) {
      table.add(
          part.name(),
          Integer.toString(part.tensors()),
          part.isSame() ? "all" : Integer.toString(part.identical()),
          percent(part.relativeChange()));
    }
    table.lines().forEach(screen::result);
  }

  /** {@code 1.25 %}. */
  static String percent(double share) {
    return share == 0 ? "0 %" : String.format(Locale.ROOT, "%.3g %%", 100 * share);
  }
}
