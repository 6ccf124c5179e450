package athanor.merge.lora.spelling;

import java.io.StringWriter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * The ranks and alphas of a LoRA as diffusers stores them in the metadata entry {@code
 * lora_adapter_metadata}: one JSON object with the fields of PEFT's configuration behind the name
 * of each component.
 */
final class AdapterConfiguration {
  private final Map<String, List<Entry>> byComponent = new TreeMap<>();

  private record Entry(String module, long rank, double alpha) {}

  /** Adds a module by its whole name, component in front. */
  void add(String module, long rank, double alpha) {
    int dot = module.indexOf('.');
    byComponent
        .computeIfAbsent(module.substring(0, dot), component -> new ArrayList<>())
        .add(new Entry(module.substring(dot + 1), rank, alpha));
  }

  String toJson() {
    var text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      byComponent.forEach((component, entries) -> write(json, component, entries));
      json.writeEndObject();
    }
    return text.toString();
  }

  private static void write(JsonGenerator json, String component, List<Entry> entries) {
    double rank = mostFrequent(entries, Entry::rank);
    double alpha = mostFrequent(entries, Entry::alpha);
    json.writeName(component + ".r");
    number(json, rank);
    json.writeName(component + ".lora_alpha");
    number(json, alpha);
    writePattern(json, component + ".rank_pattern", entries, Entry::rank, rank);
    writePattern(json, component + ".alpha_pattern", entries, Entry::alpha, alpha);
    json.writeName(component + ".target_modules");
    json.writeStartArray();
    entries.forEach(entry -> json.writeString(entry.module()));
    json.writeEndArray();
  }

  private static void writePattern(
      JsonGenerator json,
      String field,
      Collection<Entry> entries,
      ToDoubleFunction<Entry> value,
      double usual) {
    json.writeName(field);
    json.writeStartObject();
    for (Entry entry : entries) {
      if (value.applyAsDouble(entry) != usual) {
        json.writeName(entry.module());
        number(json, value.applyAsDouble(entry));
      }
    }
    json.writeEndObject();
  }

  private static void number(JsonGenerator json, double value) {
    if (value == Math.rint(value) && Math.abs(value) < 1e15) {
      json.writeNumber((long) value);
    } else {
      json.writeNumber(value);
    }
  }

  private static double mostFrequent(List<Entry> entries, ToDoubleFunction<Entry> value) {
    Map<Double, Integer> counts = new HashMap<>();
    entries.forEach(entry -> counts.merge(value.applyAsDouble(entry), 1, Integer::sum));
    return counts.entrySet().stream()
        .max(
            Map.Entry.<Double, Integer>comparingByValue().thenComparing(Map.Entry.comparingByKey()))
        .orElseThrow()
        .getKey();
  }
}
