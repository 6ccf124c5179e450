package athanor.cli;

import athanor.job.MergeRun;
import athanor.job.PreparedMerge;
import athanor.merge.MergePlan;
import athanor.merge.MergeReport;
import athanor.merge.PlannedLora;
import java.nio.file.Path;
import tools.jackson.core.JsonGenerator;

/** What a merge did, or would do. */
final class MergeSummary {
  private final Screen screen;

  MergeSummary(Screen screen) {
    this.screen = screen;
  }

  void print(PreparedMerge merge, MergeReport report) {
    report.warnings().forEach(screen::warn);
    if (screen.isJson()) {
      screen.result(json -> write(json, merge, report));
      return;
    }
    MergePlan plan = report.plan();
    screen.result(
        report.output()
            + ": "
            + merge.architecture().label()
            + ", "
            + Sizes.bytes(report.bytes())
            + ", "
            + tensors(plan)
            + ", in "
            + Sizes.time(report.elapsed()));
    merge.editSummary().forEach(edit -> screen.result("  " + edit));
    for (PlannedLora lora : plan.loras()) {
      screen.result(
          "  "
              + lora.match().file().name()
              + "@"
              + Sizes.ratio(lora.strength().ratio())
              + (lora.strength().isUniform() ? "" : ", " + lora.strength().partsText())
              + (lora.isEffective()
                  ? ": applied "
                      + lora.applied()
                      + " of "
                      + lora.match().total()
                      + " modules"
                      + WeightTable.takenOut(lora)
                  : ": nothing to apply"));
    }
    if (screen.isVerbose()) {
      plan.loras().forEach(new WeightTable(screen)::print);
    }
  }

  void print(MergeRun.Forecast forecast, Path output) {
    if (screen.isJson()) {
      screen.result(json -> {
        json.writeStringProperty("result", "forecast");
        json.writeStringProperty("output", output.toString());
        json.writeNumberProperty("bytes", forecast.layout().size());
        json.writeNumberProperty("free_bytes", forecast.freeBytes());
        json.writeNumberProperty("memory_bytes", forecast.memoryBytes());
      });
      return;
    }
    screen.result("");
    screen.result(
        "would write "
            + output
            + ": "
            + Sizes.bytes(forecast.layout().size())
            + " ("
            + Sizes.bytes(forecast.freeBytes())
            + " free), "
            + tensors(forecast.plan())
            + ", about "
            + Sizes.bytes(forecast.memoryBytes())
            + " of memory");
  }

  private static String tensors(MergePlan plan) {
    String text = plan.merged() + " of " + plan.tensors().size() + " tensors merged";
    return plan.converted() == 0 ? text : text + ", " + plan.converted() + " converted";
  }

  private static void write(JsonGenerator json, PreparedMerge merge, MergeReport report) {
    json.writeStringProperty("result", "merge");
    json.writeStringProperty("output", report.output().toString());
    json.writeStringProperty("architecture", merge.architecture().label());
    json.writeNumberProperty("bytes", report.bytes());
    json.writeNumberProperty("tensors", report.plan().tensors().size());
    json.writeNumberProperty("merged_tensors", report.plan().merged());
    json.writeNumberProperty("seconds", report.elapsed().toMillis() / 1e3);
    merge.edits().vae().ifPresent(vae -> json.writeStringProperty("vae", vae.file().name()));
    json.writeNumberProperty("fixed_positions", merge.edits().positionIds().size());
    json.writeName("loras");
    json.writeStartArray();
    for (PlannedLora lora : report.plan().loras()) {
      json.writeStartObject();
      json.writeStringProperty("file", lora.match().file().name());
      json.writeNumberProperty("ratio", lora.strength().ratio());
      json.writeNumberProperty("applied", lora.applied());
      json.writeNumberProperty("modules", lora.match().total());
      WeightTable.write(json, lora);
      json.writeEndObject();
    }
    json.writeEndArray();
  }
}
