package athanor.cli;

import athanor.job.WeightScan;
import athanor.tensor.TensorInfo;
import java.util.List;
import tools.jackson.core.JsonGenerator;

/** What a scan of all weights found, as people and programs read it. */
record ScanResult(WeightScan scan) {
  private static final int LISTED = 20;

  void print(Screen screen) {
    if (scan.isSound()) {
      screen.result(
          "  scan: " + Sizes.bytes(scan.bytes()) + " read, every value is a finite number");
    }
    list(screen, scan.nonFinite().stream().map(ScanResult::text).toList(), "NaN or infinite");
    list(screen, scan.damagedStorages(), "wrong checksum");
    list(
        screen,
        scan.zero().stream().map(t -> t.key() + ", " + Sizes.bytes(t.byteSize())).toList(),
        "all zero, perhaps a hole");
    if (scan.smallZero() > 0 && screen.isVerbose()) {
      screen.result("  scan: " + scan.smallZero() + " small tensors are all zero, as is common");
    }
  }

  private static void list(Screen screen, List<String> texts, String what) {
    int shown = screen.isVerbose() ? texts.size() : Math.min(LISTED, texts.size());
    texts.subList(0, shown).forEach(text -> screen.result("  scan: " + what + ": " + text));
    if (shown < texts.size()) {
      screen.result("  scan: " + what + ": " + (texts.size() - shown) + " more, -v shows all");
    }
  }

  private static String text(WeightScan.NonFinite found) {
    return found.tensor().key()
        + ": "
        + found.nan()
        + " NaN, "
        + found.infinite()
        + " infinite of "
        + found.tensor().shape().elementCount()
        + " values";
  }

  void write(JsonGenerator json) {
    json.writeName("scan");
    json.writeStartObject();
    json.writeBooleanProperty("sound", scan.isSound());
    json.writeNumberProperty("bytes", scan.bytes());
    json.writeName("non_finite");
    json.writeStartArray();
    for (WeightScan.NonFinite found : scan.nonFinite()) {
      json.writeStartObject();
      json.writeStringProperty("key", found.tensor().key());
      json.writeNumberProperty("nan", found.nan());
      json.writeNumberProperty("infinite", found.infinite());
      json.writeEndObject();
    }
    json.writeEndArray();
    InspectCommand.writeTexts(json, "all_zero", scan.zero().stream().map(TensorInfo::key).toList());
    json.writeNumberProperty("small_all_zero", scan.smallZero());
    InspectCommand.writeTexts(json, "wrong_checksum", scan.damagedStorages());
    json.writeEndObject();
  }
}
