package athanor.cli.report;

import athanor.cli.terminal.Screen;
import athanor.cli.terminal.Sizes;
import athanor.cli.terminal.TextTable;
import athanor.report.AnalyzedArea;
import athanor.report.AnalyzedLora;
import athanor.report.AnalyzedPair;
import athanor.report.LoraAnalysis;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What LoRAs do, as tables. */
public final class AnalysisTables {
  private static final double ENOUGH = 0.99;

  private final Screen screen;

  public AnalysisTables(Screen screen) {
    this.screen = screen;
  }

  /** Each LoRA, each pair, each part of the model, and advice; with more detail if wished. */
  public void print(LoraAnalysis analysis) {
    if (screen.isJson()) {
      screen.result(analysis);
      return;
    }
    loras(analysis);
    if (!analysis.pairs().isEmpty()) {
      pairs(analysis);
    }
    areas(analysis);
    if (!analysis.advice().isEmpty()) {
      screen.result("");
      screen.result("Rules of thumb:");
      analysis.advice().forEach(sentence -> screen.result("  - " + sentence));
    }
  }

  private void loras(LoraAnalysis analysis) {
    boolean compared = analysis.base().isPresent();
    List<String> heads =
        new ArrayList<>(
            List.of(
                "LoRA",
                "ratio",
                compared ? "loudness" : "norm",
                "balanced ratio",
                "rank",
                "directions",
                "99 % at rank"));
    if (compared) {
      analysis.loras().getFirst().stored().forEach(stored -> heads.add("left in " + stored.type()));
    }
    var table = new TextTable(heads.toArray(String[]::new));
    for (AnalyzedLora lora : analysis.loras()) {
      List<String> cells =
          new ArrayList<>(
              List.of(
                  lora.file(),
                  Sizes.ratio(lora.ratio()),
                  amount(lora.norm(), lora.loudness()),
                  number("%.3g", lora.balancedRatio()),
                  lora.rank() == 0 ? "–" : Integer.toString(lora.rank()),
                  lora.rank() == 0 ? "–" : number("%.1f", lora.effectiveRank()),
                  enough(lora)));
      if (compared) {
        lora.stored().forEach(stored -> cells.add(number("%.1f %%", 100 * stored.survives())));
        while (cells.size() < heads.size()) {
          cells.add("–");
        }
      }
      table.add(cells.toArray(String[]::new));
    }
    table.lines().forEach(screen::result);
  }

  private static String enough(AnalyzedLora lora) {
    return lora.kept().stream()
        .filter(kept -> kept.share() >= ENOUGH)
        .findFirst()
        .map(kept -> Integer.toString(kept.rank()))
        .orElse("–");
  }

  private void pairs(LoraAnalysis analysis) {
    screen.result("");
    var table = new TextTable("pair", "cosine", "reads alike", "writes alike", "together");
    for (AnalyzedPair pair : analysis.pairs()) {
      table.add(
          analysis.loras().get(pair.first()).file()
              + " + "
              + analysis.loras().get(pair.second()).file(),
          number("%.3f", pair.cosine()),
          coincidence(pair.reads(), pair.readsByChance()),
          coincidence(pair.writes(), pair.writesByChance()),
          relation(pair));
    }
    table.lines().forEach(screen::result);
  }

  private static String coincidence(double share, double chance) {
    return chance == 0 ? "–" : number("%.1f %% (chance %.1f %%)", 100 * share, 100 * chance);
  }

  private static String relation(AnalyzedPair pair) {
    return switch (pair.relation()) {
      case "against" -> "they fight";
      case "alike" -> "they do much the same";
      case "apart" -> "no weight in common";
      default -> "side by side";
    };
  }

  private void areas(LoraAnalysis analysis) {
    screen.result("");
    List<String> heads = new ArrayList<>(List.of("part", "total push"));
    analysis.loras().forEach(lora -> heads.add(lora.file()));
    var table = new TextTable(heads.toArray(String[]::new));
    add(table, analysis.total());
    analysis.components().forEach(area -> add(table, area));
    if (screen.isVerbose()) {
      analysis.blocks().forEach(area -> add(table, area));
    }
    table.lines().forEach(screen::result);
  }

  private static void add(TextTable table, AnalyzedArea area) {
    List<String> cells =
        new ArrayList<>(List.of(area.area(), amount(area.push(), area.relativePush())));
    double base = area.relativePush().map(relative -> area.push() / relative).orElse(1.0);
    for (double norm : area.norms()) {
      cells.add(
          amount(
              norm, area.relativePush().isPresent() ? Optional.of(norm / base) : Optional.empty()));
    }
    table.add(cells.toArray(String[]::new));
  }

  private static String amount(double norm, Optional<Double> relative) {
    return relative.map(share -> number("%.2f %%", 100 * share)).orElse(number("%.3g", norm));
  }

  private static String number(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
