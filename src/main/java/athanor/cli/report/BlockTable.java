package athanor.cli.report;

import athanor.cli.terminal.Screen;
import athanor.cli.terminal.Sizes;
import athanor.cli.terminal.TextTable;
import athanor.report.BlockLine;
import java.util.List;

/** The factor that each block of a LoRA gets. */
public final class BlockTable {
  private final Screen screen;

  BlockTable(Screen screen) {
    this.screen = screen;
  }

  /** Block, factor and number of modules, a line each. */
  void print(String lora, List<BlockLine> blocks) {
    screen.result("");
    screen.result(lora + ", factor of each block:");
    var table = new TextTable("  block", "factor", "modules", "left out");
    for (BlockLine row : blocks) {
      table.add(
          "  " + row.block() + (row.textEncoder() ? " (text encoder)" : ""),
          row.modules() == 0 ? "–" : Sizes.ratio(rounded(row.factor())),
          Integer.toString(row.modules()),
          Integer.toString(row.leftOut()));
    }
    table.lines().forEach(screen::result);
  }

  /** To nine digits behind the point: 0.6 · 0.5 is shown as 0.3. */
  private static double rounded(double factor) {
    double scaled = factor * 1e9;
    return Math.abs(scaled) < 1e15 ? Math.rint(scaled) / 1e9 : factor;
  }
}
