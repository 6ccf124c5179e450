package athanor.cli.report;

import athanor.cli.terminal.Screen;
import athanor.cli.terminal.Sizes;
import athanor.cli.terminal.TextTable;
import athanor.job.LoraReport;
import athanor.report.ExtractedLora;
import athanor.report.LoraChange;
import athanor.report.ResizedLora;
import athanor.report.Result;
import java.util.Locale;

/** What a command did whose result is a LoRA: size, ranks, and how exact it is. */
public final class LoraSummary {
  private final Screen screen;

  public LoraSummary(Screen screen) {
    this.screen = screen;
  }

  /** A LoRA of other ranks. */
  public void printResized(LoraReport report) {
    ResizedLora made = ResizedLora.of(report);
    print(report, made, made.change(), true, " of the whole effect");
  }

  /** A LoRA that turns one checkpoint into another. */
  public void printExtracted(LoraReport report) {
    ExtractedLora made = ExtractedLora.of(report);
    String ofModules = " (" + percent(made.relativeErrorOfModules()) + " of what was taken)";
    String all = " of all that differs" + (made.leftOut().isEmpty() ? "" : ofModules);
    print(report, made, made.change(), false, all);
  }

  private void print(
      LoraReport report, Result made, LoraChange change, boolean withBefore, String ofWhat) {
    report.warnings().forEach(screen::warn);
    if (screen.isJson()) {
      screen.result(made);
      return;
    }
    screen.result(
        change.output()
            + ": "
            + Sizes.bytes(change.bytes())
            + (withBefore ? " (before: " + Sizes.bytes(change.bytesBefore()) + ")" : "")
            + ", "
            + change.modules()
            + " modules, rank "
            + change.rank()
            + (withBefore ? " (before: " + change.rankBefore() + ")" : "")
            + ", in "
            + Sizes.time(change.seconds()));
    change
        .worst()
        .ifPresent(worst ->
            screen.result(
                "  error "
                    + percent(change.relativeError())
                    + ofWhat
                    + "; worst module "
                    + percent(worst.worstRelativeError())
                    + ": "
                    + worst.worstModule()));
    if (screen.isVerbose()) {
      list(change);
    }
  }

  private void list(LoraChange change) {
    var table = new TextTable("module", "rank before", "rank", "error");
    for (LoraChange.Module module : change.all()) {
      table.add(
          module.name(),
          Integer.toString(module.rankBefore()),
          Integer.toString(module.rank()),
          percent(module.relativeError()));
    }
    table.lines().forEach(screen::result);
  }

  private static String percent(double share) {
    boolean tiny = share > 0 && share < 1e-4;
    return tiny
        ? String.format(Locale.ROOT, "%.1e", share)
        : String.format(Locale.ROOT, "%.2f %%", 100 * share);
  }
}
