package athanor.cli;

import athanor.job.LoraReport;
import athanor.merge.lora.ModuleChange;
import athanor.merge.lora.ModuleChanges;
import java.util.IntSummaryStatistics;
import java.util.Locale;
import java.util.function.ToIntFunction;

/** What a command did whose result is a LoRA: size, ranks, and how exact it is. */
final class LoraSummary {
  private final Screen screen;
  private final String command;

  LoraSummary(Screen screen, String command) {
    this.screen = screen;
    this.command = command;
  }

  void print(LoraReport report) {
    report.warnings().forEach(screen::warn);
    if (screen.isJson()) {
      printJson(report);
      return;
    }
    ModuleChanges result = report.result();
    boolean resized = command.equals("resize");
    screen.result(
        report.output()
            + ": "
            + Sizes.bytes(report.bytes())
            + (resized ? " (before: " + Sizes.bytes(report.bytesBefore()) + ")" : "")
            + ", "
            + result.all().size()
            + " modules, rank "
            + ranks(result, ModuleChange::rank)
            + (resized ? " (before: " + ranks(result, ModuleChange::rankBefore) + ")" : "")
            + ", in "
            + Sizes.time(report.elapsed()));
    result
        .worst()
        .ifPresent(worst ->
            screen.result(
                "  error "
                    + percent(result.relativeError())
                    + " of the whole effect; worst module "
                    + percent(worst.relativeError())
                    + ": "
                    + worst.module()));
    if (screen.isVerbose()) {
      var table = new TextTable("module", "rank before", "rank", "error");
      for (ModuleChange module : result.all()) {
        table.add(
            module.module(),
            Integer.toString(module.rankBefore()),
            Integer.toString(module.rank()),
            percent(module.relativeError()));
      }
      table.lines().forEach(screen::result);
    }
  }

  private void printJson(LoraReport report) {
    ModuleChanges result = report.result();
    screen.result(json -> {
      json.writeStringProperty("result", command);
      json.writeStringProperty("output", report.output().toString());
      json.writeNumberProperty("bytes", report.bytes());
      json.writeNumberProperty("bytes_before", report.bytesBefore());
      json.writeNumberProperty("modules", result.all().size());
      json.writeStringProperty("rank", ranks(result, ModuleChange::rank));
      json.writeStringProperty("rank_before", ranks(result, ModuleChange::rankBefore));
      json.writeNumberProperty("relative_error", result.relativeError());
      result
          .worst()
          .ifPresent(worst -> {
            json.writeStringProperty("worst_module", worst.module());
            json.writeNumberProperty("worst_relative_error", worst.relativeError());
          });
      json.writeNumberProperty("seconds", report.elapsed().toMillis() / 1e3);
    });
  }

  /** {@code 32}, or {@code 2–48, 13.5 on average}. */
  private static String ranks(ModuleChanges result, ToIntFunction<ModuleChange> rank) {
    IntSummaryStatistics ranks = result.all().stream().mapToInt(rank).summaryStatistics();
    return ranks.getMin() == ranks.getMax()
        ? Integer.toString(ranks.getMin())
        : String.format(
            Locale.ROOT,
            "%d–%d, %.1f on average",
            ranks.getMin(),
            ranks.getMax(),
            ranks.getAverage());
  }

  private static String percent(double share) {
    boolean tiny = share > 0 && share < 1e-4;
    return tiny
        ? String.format(Locale.ROOT, "%.1e", share)
        : String.format(Locale.ROOT, "%.2f %%", 100 * share);
  }
}
