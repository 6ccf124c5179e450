package athanor.report.page;

import athanor.report.AnalyzedArea;
import athanor.report.AnalyzedLora;
import athanor.report.AnalyzedPair;
import athanor.report.JsonLine;
import athanor.report.LoraAnalysis;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * A {@link LoraAnalysis} as a page: advice, plots, the table behind each plot, and the record
 * itself as JSON for programs.
 */
public final class AnalysisPage {
  private static final List<String> COLOURS =
      List.of(
          "#2f6f8f", "#c2571a", "#5a8f3d", "#8a4f9e", "#b58900", "#2a9d8f", "#c0392b", "#7f8c8d");

  private final LoraAnalysis analysis;
  private final boolean compared;
  private final Html page = new Html();

  private AnalysisPage(LoraAnalysis analysis) {
    this.analysis = analysis;
    this.compared = analysis.base().isPresent();
  }

  /** The whole page. */
  public static String of(LoraAnalysis analysis) {
    return new AnalysisPage(analysis).write();
  }

  private String write() {
    page.raw("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n")
        .raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
        .raw(
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src"
                + " 'unsafe-inline'\">\n")
        .element("title", "What these LoRAs do")
        .raw("<style>\n" + style() + "</style></head>\n<body>\n");
    page.element("h1", "What these LoRAs do");
    page.element(
        "p class=\"soft\"",
        analysis
            .base()
            .map(base -> "Compared with the weights of " + base + ".")
            .orElse(
                "Without a base: amounts are Frobenius norms, to be compared with each other."));
    advice();
    loudness();
    together();
    spectra();
    rounding();
    pairs();
    page.raw("<script type=\"application/json\" id=\"analysis\">")
        .raw(JsonLine.of(analysis).replace("<", "\\u003c"))
        .raw("</script>\n</body></html>\n");
    return page.toString();
  }

  private static String style() {
    try (var css = AnalysisPage.class.getResourceAsStream("analysis.css")) {
      return new String(Objects.requireNonNull(css).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void advice() {
    if (analysis.advice().isEmpty()) {
      return;
    }
    page.element("h2", "Rules of thumb").raw("<ul>\n");
    analysis.advice().forEach(sentence -> page.element("li", sentence + "."));
    page.raw("</ul>\n");
  }

  private void loudness() {
    page.element("h2", "How loud each is");
    List<AnalyzedLora> loras = analysis.loras();
    double most = loras.stream().mapToDouble(this::amount).max().orElse(0);
    page.raw(
        svg(
            640,
            loras.size() * 28 + 6,
            loras.size() + " bars, one for each LoRA: " + (compared ? "loudness" : "norm")));
    for (int i = 0; i < loras.size(); i++) {
      double length = most == 0 ? 0 : 360 * amount(loras.get(i)) / most;
      page.raw(
          text(0, i * 28 + 19, shortened(loras.get(i).file()))
              + format(
                  "<rect class=\"bar\" x=\"200\" y=\"%d\" width=\"%.1f\" height=\"18\"/>",
                  i * 28 + 5, length)
              + text(208 + (int) length, i * 28 + 19, amountText(loras.get(i))));
    }
    page.raw("</svg>\n");
    List<List<String>> rows = new ArrayList<>();
    for (AnalyzedLora lora : loras) {
      rows.add(
          List.of(
              Html.heading(lora.file()),
              Html.cell(format("%.3g", lora.ratio())),
              Html.cell(amountText(lora)),
              Html.cell(format("%.3g", lora.balancedRatio())),
              Html.cell(Integer.toString(lora.tensors())),
              Html.cell(Integer.toString(lora.deadTensors()))));
    }
    page.table(
        List.of(
            "LoRA",
            "ratio",
            compared ? "loudness" : "norm",
            "balanced ratio",
            "tensors",
            "of them dead"),
        rows);
  }

  private void together() {
    page.element("h2", "Where they push");
    page.element(
        "p class=\"soft\"",
        "The darker, the stronger within the table; total push is of their sum.");
    List<AnalyzedArea> areas = new ArrayList<>(List.of(analysis.total()));
    areas.addAll(analysis.components());
    areas.addAll(analysis.blocks());
    double most = areas.stream().mapToDouble(area -> relative(area, area.push())).max().orElse(0);
    List<String> heads = new ArrayList<>(List.of("part", "total push"));
    analysis.loras().forEach(lora -> heads.add(shortened(lora.file())));
    List<List<String>> rows = new ArrayList<>();
    for (AnalyzedArea area : areas) {
      List<String> row = new ArrayList<>(List.of(Html.heading(area.area())));
      row.add(heat(area, area.push(), most));
      area.norms().forEach(norm -> row.add(heat(area, norm, most)));
      rows.add(row);
    }
    page.table(heads, rows);
  }

  private String heat(AnalyzedArea area, double norm, double most) {
    double value = relative(area, norm);
    return Html.heat(
        compared ? format("%.2f %%", 100 * value) : format("%.3g", value),
        most == 0 ? 0 : value / most);
  }

  private static double relative(AnalyzedArea area, double norm) {
    double push = area.push();
    return area.relativePush()
        .filter(share -> push > 0)
        .map(share -> norm * share / push)
        .orElse(norm);
  }

  private void spectra() {
    List<AnalyzedLora> loras = analysis.loras().stream().filter(lora -> lora.rank() > 0).toList();
    if (loras.isEmpty()) {
      return;
    }
    page.element("h2", "Which rank would be enough");
    List<Integer> ranks =
        loras.stream()
            .flatMap(lora -> lora.kept().stream().map(AnalyzedLora.Kept::rank))
            .distinct()
            .sorted()
            .toList();
    page.raw(svg(640, 260, "share of the energy that is kept, against the rank"));
    page.raw("<path class=\"axis\" d=\"M40 220H620M40 220V10\" fill=\"none\"/>");
    page.raw(text(0, 24, "100 %") + text(14, 224, "0"));
    double step = 560.0 / Math.max(1, ranks.size() - 1);
    for (int i = 0; i < ranks.size(); i++) {
      page.raw(text(36 + (int) (i * step), 240, ranks.get(i).toString()));
    }
    for (int i = 0; i < loras.size(); i++) {
      var path = new StringBuilder();
      for (AnalyzedLora.Kept kept : loras.get(i).kept()) {
        path.append(
            format(
                "%s%.1f %.1f",
                path.isEmpty() ? "M" : "L",
                40 + ranks.indexOf(kept.rank()) * step,
                220 - 200 * kept.share()));
      }
      String colour = COLOURS.get(i % COLOURS.size());
      page.raw("<path class=\"curve\" stroke=\"" + colour + "\" d=\"" + path + "\"/>");
      page.raw(
          format(
                  "<rect x=\"%d\" y=\"246\" width=\"10\" height=\"10\" fill=\"%s\"/>",
                  40 + i * 145, colour)
              + text(54 + i * 145, 256, shortened(loras.get(i).file())));
    }
    page.raw("</svg>\n");
    List<String> heads = new ArrayList<>(List.of("LoRA", "rank", "directions"));
    ranks.forEach(rank -> heads.add("kept at " + rank));
    List<List<String>> rows = new ArrayList<>();
    for (AnalyzedLora lora : loras) {
      List<String> row =
          new ArrayList<>(
              List.of(
                  Html.heading(lora.file()),
                  Html.cell(Integer.toString(lora.rank())),
                  Html.cell(format("%.1f", lora.effectiveRank()))));
      for (int rank : ranks) {
        row.add(
            Html.cell(
                lora.kept().stream()
                    .filter(kept -> kept.rank() == rank)
                    .findFirst()
                    .map(kept -> format("%.1f %%", 100 * kept.share()))
                    .orElse("")));
      }
      rows.add(row);
    }
    page.table(heads, rows);
  }

  private void rounding() {
    if (analysis.loras().stream().allMatch(lora -> lora.stored().isEmpty())) {
      return;
    }
    page.element("h2", "What rounding leaves");
    page.element(
        "p class=\"soft\"",
        "Of each change alone, from a sample of the weights: how much of it is in the stored result, and"
            + " how many weights stay as they were.");
    List<List<String>> rows = new ArrayList<>();
    for (AnalyzedLora lora : analysis.loras()) {
      for (AnalyzedLora.Stored stored : lora.stored()) {
        rows.add(
            List.of(
                Html.heading(lora.file()),
                Html.cell(stored.type()),
                Html.cell(format("%.1f %%", 100 * stored.survives())),
                Html.cell(format("%.1f %%", 100 * stored.unchanged()))));
      }
    }
    page.table(List.of("LoRA", "stored as", "survives", "weights unchanged"), rows);
  }

  private void pairs() {
    if (analysis.pairs().isEmpty()) {
      return;
    }
    page.element("h2", "Two by two");
    page.element(
        "p class=\"soft\"",
        "Cosine: 1 the same, 0 nothing to do with each other, −1 the opposite. Reads and writes: how far"
            + " their inputs and outputs coincide, beside what chance would give.");
    List<List<String>> rows = new ArrayList<>();
    for (AnalyzedPair pair : analysis.pairs()) {
      rows.add(
          List.of(
              Html.heading(
                  analysis.loras().get(pair.first()).file()
                      + " + "
                      + analysis.loras().get(pair.second()).file()),
              Html.heat(format("%.3f", pair.cosine()), Math.abs(pair.cosine())),
              Html.cell(
                  format("%.1f %% / %.1f %%", 100 * pair.reads(), 100 * pair.readsByChance())),
              Html.cell(
                  format("%.1f %% / %.1f %%", 100 * pair.writes(), 100 * pair.writesByChance())),
              Html.cell(
                  pair.strongestBlock()
                      .map(block -> format("%s: %.3f", block, pair.strongestCosine()))
                      .orElse("")),
              Html.cell(pair.relation().replace('_', ' '))));
    }
    page.table(
        List.of("pair", "cosine", "reads / chance", "writes / chance", "most in", "together"),
        rows);
  }

  private double amount(AnalyzedLora lora) {
    return lora.loudness().orElse(lora.norm());
  }

  private String amountText(AnalyzedLora lora) {
    return lora.loudness()
        .map(share -> format("%.2f %%", 100 * share))
        .orElse(format("%.3g", lora.norm()));
  }

  private static String shortened(String name) {
    return name.length() <= 24 ? name : name.substring(0, 23) + "…";
  }

  private static String svg(int width, int height, String meaning) {
    return format(
        "<svg role=\"img\" aria-label=\"%s\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\">\n",
        Html.escaped(meaning), width, height, width, height);
  }

  private static String text(int x, int y, String text) {
    return format("<text x=\"%d\" y=\"%d\">%s</text>\n", x, y, Html.escaped(text));
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
