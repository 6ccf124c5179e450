package athanor.cli.report;

import athanor.cli.terminal.Screen;
import athanor.cli.terminal.Sizes;
import athanor.report.Fact;
import athanor.report.InspectedFile;
import athanor.report.ScannedWeights;
import java.util.List;
import java.util.TreeMap;

/** What a file is, as people read it. */
public final class InspectReport {
  private static final int VALUE_LIMIT = 120;
  private static final int LISTED = 20;

  private final Screen screen;

  public InspectReport(Screen screen) {
    this.screen = screen;
  }

  public void print(InspectedFile file) {
    screen.result(file.file() + ": " + file.what());
    file.facts().forEach(this::line);
    file.hashes().forEach(this::line);
    new TreeMap<>(file.metadata()).forEach((key, value) -> line(key, shortened(value)));
    file.notes().forEach(note -> line("note", note));
    file.scan().ifPresent(this::print);
    if (screen.isVerbose()) {
      file.skipped().forEach(entry -> line("skipped", entry));
      file.tensorList().forEach(tensor -> line(tensor.key(), tensor.text()));
    }
  }

  private void print(ScannedWeights scan) {
    if (scan.sound()) {
      line("scan", Sizes.bytes(scan.bytes()) + " read, every value is a finite number");
    }
    list(scan.nonFinite().stream().map(InspectReport::text).toList(), "NaN or infinite");
    list(scan.wrongChecksum(), "wrong checksum");
    list(
        scan.zeroTensors().stream().map(t -> t.key() + ", " + Sizes.bytes(t.bytes())).toList(),
        "all zero, perhaps a hole");
    if (scan.smallAllZero() > 0 && screen.isVerbose()) {
      line("scan", scan.smallAllZero() + " small tensors are all zero, as is common");
    }
  }

  private void list(List<String> texts, String what) {
    int shown = screen.isVerbose() ? texts.size() : Math.min(LISTED, texts.size());
    texts.subList(0, shown).forEach(text -> line("scan", what + ": " + text));
    if (shown < texts.size()) {
      line("scan", what + ": " + (texts.size() - shown) + " more, -v shows all");
    }
  }

  private static String text(ScannedWeights.NonFinite found) {
    return found.key()
        + ": "
        + found.nan()
        + " NaN, "
        + found.infinite()
        + " infinite of "
        + found.values()
        + " values";
  }

  private void line(Fact fact) {
    line(fact.label(), fact.text());
  }

  private void line(String label, String text) {
    screen.result("  " + label + ": " + text);
  }

  private String shortened(String value) {
    return screen.isVerbose() || value.length() <= VALUE_LIMIT
        ? value
        : value.substring(0, VALUE_LIMIT) + "… (" + value.length() + " characters, -v shows all)";
  }
}
