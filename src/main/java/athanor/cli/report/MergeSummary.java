package athanor.cli.report;

import athanor.cli.terminal.Screen;
import athanor.cli.terminal.Sizes;
import athanor.job.LoraMergeReport;
import athanor.job.LoraMergeRun;
import athanor.job.MergeReport;
import athanor.job.MergeRun;
import athanor.job.PreparedMerge;
import athanor.report.AppliedLora;
import athanor.report.Forecast;
import athanor.report.MergedCheckpoint;
import athanor.report.MergedLora;
import athanor.report.MixedCheckpoint;
import athanor.report.PartWeights;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** What a merge did, or would do. */
public final class MergeSummary {
  private final Screen screen;

  public MergeSummary(Screen screen) {
    this.screen = screen;
  }

  /** A merge into a checkpoint. */
  public void print(PreparedMerge merge, MergeReport report) {
    report.warnings().forEach(screen::warn);
    MergedCheckpoint made = MergedCheckpoint.of(merge, report);
    if (screen.isJson()) {
      screen.result(made);
      return;
    }
    screen.result(
        made.output()
            + ": "
            + made.architecture()
            + ", "
            + Sizes.bytes(made.bytes())
            + ", "
            + made.tensorsText()
            + ", in "
            + Sizes.time(made.seconds()));
    made.edits().forEach(edit -> screen.result("  " + edit));
    made.mix().orElse(List.of()).forEach(mixed -> screen.result("  " + mixed(mixed)));
    for (AppliedLora lora : made.loras()) {
      screen.result("  " + (lora.effective() ? applied(lora) : asked(lora) + ": nothing to apply"));
    }
    if (screen.isVerbose()) {
      made.mix()
          .orElse(List.of())
          .forEach(mixed -> new BlockTable(screen).print(mixed.file(), mixed.blocks()));
    }
    printBlocks(made.loras());
  }

  /** A merge into a LoRA. */
  public void print(LoraMergeReport report) {
    report.warnings().forEach(screen::warn);
    MergedLora made = MergedLora.of(report);
    if (screen.isJson()) {
      screen.result(made);
      return;
    }
    screen.result(
        made.output()
            + ": LoRA for "
            + made.description()
            + ", "
            + Sizes.bytes(made.bytes())
            + ", in "
            + Sizes.time(made.seconds()));
    made.loras().forEach(lora -> screen.result("  " + applied(lora)));
    printBlocks(made.loras());
    made.error().ifPresent(error -> screen.result("  " + text(error, "the sum")));
  }

  private void printBlocks(List<AppliedLora> loras) {
    if (screen.isVerbose()) {
      loras.forEach(lora -> new BlockTable(screen).print(lora.file(), lora.blocks()));
    }
  }

  /** {@code B.safetensors@0.4: 680 of 686 tensors mixed, 4 identical, 2 left}. */
  private static String mixed(MixedCheckpoint mixed) {
    return mixed.file()
        + mixed.minus().map(minus -> " − " + minus).orElse("")
        + "@"
        + Sizes.ratio(mixed.ratio())
        + (mixed.weightsText().isEmpty() ? "" : ", " + mixed.weightsText())
        + ": "
        + mixed.mixed()
        + " of "
        + mixed.tensors()
        + " tensors mixed, "
        + mixed.identical()
        + " identical, "
        + mixed.left()
        + " left";
  }

  private static String asked(AppliedLora lora) {
    return lora.file()
        + "@"
        + Sizes.ratio(lora.ratio())
        + lora.partWeights().map(parts -> ", " + parts.text()).orElse("");
  }

  private static String applied(AppliedLora lora) {
    return asked(lora)
        + ": applied "
        + lora.applied()
        + " of "
        + lora.modules()
        + " modules"
        + lora.partWeights().map(PartWeights::takenOut).orElse("");
  }

  /** {@code relative error 1.2 % of the sum (largest: 3.4 % in lora_unet_…)}. */
  public static String text(MergedLora.SumError error, String whole) {
    return "relative error "
        + percent(error.relativeError())
        + " of "
        + whole
        + " (largest: "
        + percent(error.worstRelativeError())
        + " in "
        + error.worstModule()
        + ")";
  }

  private static String percent(double share) {
    return share == 0 ? "0 %" : String.format(Locale.ROOT, "%.3g %%", 100 * share);
  }

  /** What a merge into a checkpoint would write. */
  public void print(MergeRun.Forecast forecast, Path output) {
    print(Forecast.of(forecast, output));
  }

  /** What a merge into a LoRA would write. */
  public void print(LoraMergeRun.Forecast forecast, Path output) {
    print(Forecast.of(forecast, output));
  }

  private void print(Forecast forecast) {
    if (screen.isJson()) {
      screen.result(forecast);
      return;
    }
    String size =
        Sizes.bytes(forecast.bytes()) + " (" + Sizes.bytes(forecast.freeBytes()) + " free)";
    String what =
        switch (forecast.what()) {
          case Forecast.What.Checkpoint(String tensors) -> size + ", " + tensors;
          case Forecast.What.Lora(String description) -> "LoRA for " + description + ", " + size;
        };
    screen.result("");
    screen.result(
        "would write "
            + forecast.output()
            + ": "
            + what
            + ", about "
            + Sizes.bytes(forecast.memoryBytes())
            + " of memory");
  }
}
