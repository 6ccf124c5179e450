package athanor.cli;

import athanor.adapter.AdapterMatch;
import athanor.job.LoraMergeReport;
import athanor.job.LoraMergeRun;
import athanor.merge.PlannedLora;
import athanor.merge.lora.LoraRanks;
import athanor.merge.lora.sum.Approximation;
import athanor.merge.method.LoraMergePlan;
import java.nio.file.Path;
import java.util.Locale;
import tools.jackson.core.JsonGenerator;

/** What a merge of LoRAs into one LoRA did, or would do. */
final class LoraMergeSummary {
  private final Screen screen;

  LoraMergeSummary(Screen screen) {
    this.screen = screen;
  }

  void print(LoraMergeReport report) {
    report.warnings().forEach(screen::warn);
    if (screen.isJson()) {
      screen.result(json -> write(json, report));
      return;
    }
    LoraMergePlan plan = report.plan();
    screen.result(
        report.output()
            + ": LoRA for "
            + describe(plan)
            + ", "
            + Sizes.bytes(report.written().bytes())
            + ", in "
            + Sizes.time(report.elapsed()));
    for (PlannedLora lora : plan.loras()) {
      AdapterMatch match = lora.match();
      screen.result(
          "  "
              + match.file().name()
              + "@"
              + Sizes.ratio(lora.strength().ratio())
              + (lora.strength().isUniform() ? "" : ", " + lora.strength().partsText())
              + ": applied "
              + lora.applied()
              + " of "
              + match.total()
              + " modules"
              + WeightTable.takenOut(lora));
    }
    if (screen.isVerbose()) {
      plan.loras().forEach(new WeightTable(screen)::print);
    }
    plan.approximation().ifPresent(error -> screen.result("  " + text(error)));
  }

  /** {@code relative error 1.2 % (largest: 3.4 % in lora_unet_…)}. */
  private static String text(Approximation error) {
    return "relative error "
        + percent(error.relativeError())
        + " of the sum (largest: "
        + percent(error.worst().relativeError())
        + " in "
        + error.worst().module()
        + ")";
  }

  private static String percent(double share) {
    return share == 0 ? "0 %" : String.format(Locale.ROOT, "%.3g %%", 100 * share);
  }

  void print(LoraMergeRun.Forecast forecast, Path output) {
    if (screen.isJson()) {
      screen.result(json -> {
        json.writeStringProperty("result", "forecast");
        json.writeStringProperty("output", output.toString());
        json.writeNumberProperty("bytes", forecast.bytes());
        json.writeNumberProperty("free_bytes", forecast.freeBytes());
        json.writeNumberProperty("memory_bytes", forecast.memoryBytes());
      });
      return;
    }
    screen.result("");
    screen.result(
        "would write "
            + output
            + ": LoRA for "
            + describe(forecast.plan())
            + ", "
            + Sizes.bytes(forecast.bytes())
            + " ("
            + Sizes.bytes(forecast.freeBytes())
            + " free), about "
            + Sizes.bytes(forecast.memoryBytes())
            + " of memory");
  }

  private static String describe(LoraMergePlan plan) {
    return plan.architecture().label()
        + ", "
        + plan.method().text()
        + ", rank "
        + LoraRanks.of(plan.modules()).text()
        + ", "
        + plan.dtype().familiarName()
        + ", "
        + plan.modules().size()
        + " modules";
  }

  private static void write(JsonGenerator json, LoraMergeReport report) {
    LoraMergePlan plan = report.plan();
    json.writeStringProperty("result", "merge");
    json.writeStringProperty("output", report.output().toString());
    json.writeStringProperty("architecture", plan.architecture().label());
    json.writeStringProperty("method", plan.method().description().name());
    json.writeStringProperty("rank", LoraRanks.of(plan.modules()).text());
    json.writeStringProperty("dtype", plan.dtype().familiarName());
    json.writeNumberProperty("modules", plan.modules().size());
    json.writeNumberProperty("bytes", report.written().bytes());
    json.writeNumberProperty("seconds", report.elapsed().toMillis() / 1e3);
    report
        .written()
        .hash()
        .ifPresent(hash -> json.writeStringProperty("sshs_model_hash", hash.model()));
    plan.approximation()
        .ifPresent(error -> {
          json.writeNumberProperty("relative_error", error.relativeError());
          json.writeStringProperty("worst_module", error.worst().module());
          json.writeNumberProperty("worst_relative_error", error.worst().relativeError());
        });
    json.writeName("loras");
    json.writeStartArray();
    for (PlannedLora lora : plan.loras()) {
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
