package athanor.cli.report;

import athanor.cli.terminal.Screen;
import athanor.cli.terminal.Sizes;
import athanor.cli.terminal.TextTable;
import athanor.error.Problem;
import athanor.job.Candidate;
import athanor.job.MethodForecast;
import athanor.job.PreparedLoraMerge;
import athanor.job.PreparedMerge;
import athanor.report.BaseFile;
import athanor.report.CheckedCheckpoint;
import athanor.report.CheckedLora;
import athanor.report.CompanionLora;
import athanor.report.FittingLora;
import athanor.report.LoraTraits;
import athanor.report.MethodOutlook;
import athanor.report.PartWeights;
import java.util.List;
import java.util.Optional;

/** The tables of {@code check}: each LoRA, what it is, what of it would be applied, the verdict. */
public final class CompatibilityTable {
  private static final String NOTHING = "–";

  private final Screen screen;

  public CompatibilityTable(Screen screen) {
    this.screen = screen;
  }

  /** The LoRAs against a base. */
  public void print(PreparedMerge merge) {
    BaseFile base = BaseFile.of(merge);
    List<FittingLora> loras = merge.candidates().stream().map(FittingLora::of).toList();
    List<CheckedCheckpoint> mix = CheckedCheckpoint.of(merge);
    if (screen.isJson()) {
      screen.result(base);
      screen.results(mix);
      screen.results(loras);
      return;
    }
    screen.result(
        base.file()
            + ": "
            + base.description()
            + ", "
            + base.dtypes()
            + ", "
            + Sizes.bytes(base.bytes()));
    if (!mix.isEmpty()) {
      screen.result("");
      printMix(mix);
    }
    if (!loras.isEmpty()) {
      screen.result("");
      printRows(loras, "applied");
    }
    loras.forEach(this::printWeights);
    explain(loras);
    if (screen.isVerbose()) {
      loras.stream()
          .filter(CheckedLora::fits)
          .forEach(lora -> new BlockTable(screen).print(lora.file(), lora.blocks()));
      loras.forEach(this::listLeftOut);
    }
  }

  private void printMix(List<CheckedCheckpoint> mix) {
    var table = new TextTable("checkpoint", "ratio", "in common", "change", "what it is");
    for (CheckedCheckpoint one : mix) {
      table.add(
          one.name(),
          Sizes.ratio(one.ratio()),
          one.combined() + " of " + one.tensors(),
          one.relativeChange().map(DiffReport::percent).orElse(NOTHING),
          one.verdict());
    }
    table.lines().forEach(screen::result);
    if (screen.isVerbose()) {
      for (CheckedCheckpoint one : mix) {
        one.components()
            .ifPresent(parts -> {
              screen.result("");
              screen.result(one.name() + ", from samples:");
              new DiffReport(screen).printParts("component", parts);
            });
      }
    }
  }

  /** The LoRAs among themselves. */
  public void print(PreparedLoraMerge merge) {
    List<CompanionLora> loras = merge.candidates().stream().map(CompanionLora::of).toList();
    if (screen.isJson()) {
      screen.results(loras);
      return;
    }
    printRows(loras, "modules");
    if (loras.size() > 1 && merge.candidates().stream().allMatch(Candidate::fits)) {
      screen.result("modules that all of them change: " + MethodForecast.modulesInCommon(merge));
    }
    explain(loras);
  }

  /** What each method would make of them. */
  public void print(List<MethodForecast> outlooks) {
    List<MethodOutlook> methods = outlooks.stream().map(MethodOutlook::of).toList();
    if (screen.isJson()) {
      screen.results(methods);
      return;
    }
    screen.result("");
    var table = new TextTable("method", "verdict", "rank", "size");
    for (MethodOutlook method : methods) {
      table.add(
          method.text(),
          method.possible() ? "possible" : "not possible",
          method.made().map(MethodOutlook.Made::rank).orElse(NOTHING),
          method.made().map(made -> Sizes.bytes(made.bytes())).orElse(NOTHING));
    }
    table.lines().forEach(screen::result);
    methods.stream().flatMap(method -> method.problem().stream()).forEach(this::explain);
  }

  private void printRows(List<? extends CheckedLora> loras, String modules) {
    var table =
        new TextTable("LoRA", "made for", "kind", "rank", "alpha", "ratio", modules, "verdict");
    for (CheckedLora lora : loras) {
      Optional<LoraTraits> traits = lora.traits();
      table.add(
          lora.file(),
          lora.architecture().orElse(NOTHING),
          traits.map(LoraTraits::kind).orElse("?"),
          traits.map(LoraTraits::rank).orElse(NOTHING),
          traits.map(LoraTraits::alpha).orElse(NOTHING),
          Sizes.ratio(lora.ratio()),
          lora.moduleCount().orElse(NOTHING),
          lora.fits() ? "fits" : "does not fit");
    }
    table.lines().forEach(screen::result);
  }

  private void printWeights(CheckedLora lora) {
    lora.askedWeights()
        .ifPresent(asked -> {
          screen.result("");
          screen.result(
              lora.file()
                  + ": "
                  + asked
                  + lora.partWeights().map(PartWeights::takenOut).orElse(""));
        });
  }

  private void explain(List<? extends CheckedLora> loras) {
    loras.stream().flatMap(lora -> lora.problem().stream()).forEach(this::explain);
  }

  private void explain(Problem problem) {
    screen.result("");
    screen.resultProblem(problem);
  }

  private void listLeftOut(CheckedLora lora) {
    for (CheckedLora.LeftOut leftOut : lora.leftOut()) {
      screen.result("");
      screen.result(lora.file() + ", left out: " + leftOut.reason());
      leftOut.modules().forEach(module -> screen.result("  " + module));
    }
  }
}
