package athanor.cli;

import athanor.job.Candidate;
import athanor.merge.BlockFactor;
import athanor.merge.PlannedLora;
import athanor.recipe.StrengthJson;
import java.util.List;
import tools.jackson.core.JsonGenerator;

/** The weights of the parts of LoRAs: as asked for, and the factor that each block gets. */
final class WeightTable {
  private final Screen screen;

  WeightTable(Screen screen) {
    this.screen = screen;
  }

  /** A line for each LoRA whose parts have weights of their own. */
  void printSettings(List<Candidate> candidates) {
    for (Candidate candidate : candidates) {
      if (!candidate.input().strength().isUniform()) {
        screen.result("");
        screen.result(
            candidate.input().name()
                + ": "
                + candidate.input().strength().partsText()
                + candidate.planned().map(WeightTable::takenOut).orElse(""));
      }
    }
  }

  /** How many modules the weights take out: {@code , 8 left out by name, 4 at weight 0}. */
  static String takenOut(PlannedLora lora) {
    String byName = lora.leftOut() == 0 ? "" : ", " + lora.leftOut() + " left out by name";
    return byName + (lora.atZero() == 0 ? "" : ", " + lora.atZero() + " at weight 0");
  }

  /** Block, factor and number of modules, a line each. */
  void print(PlannedLora lora) {
    screen.result("");
    screen.result(lora.match().file().name() + ", factor of each block:");
    var table = new TextTable("  block", "factor", "modules", "left out");
    for (BlockFactor row : lora.blockFactors()) {
      table.add(
          "  " + name(row),
          row.modules() == 0 ? "–" : Sizes.ratio(rounded(row.factor())),
          Integer.toString(row.modules()),
          Integer.toString(row.leftOut()));
    }
    table.lines().forEach(screen::result);
  }

  private static String name(BlockFactor row) {
    return row.block().name() + (row.textEncoder() ? " (text encoder)" : "");
  }

  /** To nine digits behind the point: 0.6 · 0.5 is shown as 0.3. */
  private static double rounded(double factor) {
    double scaled = factor * 1e9;
    return Math.abs(scaled) < 1e15 ? Math.rint(scaled) / 1e9 : factor;
  }

  /** The same as a property of the object being written, if the LoRA has weights of its own. */
  static void write(JsonGenerator json, PlannedLora lora) {
    if (lora.strength().isUniform()) {
      return;
    }
    json.writeName("weights");
    json.writeRawValue(StrengthJson.parts(lora.strength()));
    json.writeNumberProperty("left_out", lora.leftOut());
    json.writeNumberProperty("at_zero", lora.atZero());
    json.writeArrayPropertyStart("blocks");
    for (BlockFactor row : lora.blockFactors()) {
      json.writeStartObject();
      json.writeStringProperty("block", row.block().name());
      json.writeBooleanProperty("text_encoder", row.textEncoder());
      json.writeNumberProperty("factor", row.factor());
      json.writeNumberProperty("modules", row.modules());
      json.writeNumberProperty("left_out", row.leftOut());
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
