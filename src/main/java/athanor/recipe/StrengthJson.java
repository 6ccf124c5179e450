package athanor.recipe;

import athanor.error.AthanorException;
import athanor.merge.plan.BlockList;
import athanor.merge.plan.ElementRule;
import athanor.merge.plan.Strength;
import athanor.model.block.BlockPreset;
import athanor.net.Json;
import java.io.StringWriter;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** A {@link Strength} as metadata and reports hold it: a ratio, and an object for its parts. */
public final class StrengthJson {
  private StrengthJson() {}

  /**
   * The parts as one JSON object with what there is to say: {@code te}, {@code lbw} (a preset's
   * name or the numbers), {@code lbw_elsewhere}, {@code only}, {@code skip}, {@code elements}.
   */
  public static String parts(Strength strength) {
    var text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      strength.textEncoderRatio().ifPresent(ratio -> json.writeNumberProperty("te", ratio));
      strength.blocks().ifPresent(list -> write(json, list));
      write(json, "only", strength.only());
      write(json, "skip", strength.skip());
      write(json, "elements", strength.elements().stream().map(Object::toString).toList());
      json.writeEndObject();
    }
    return text.toString();
  }

  private static void write(JsonGenerator json, BlockList list) {
    if (list.preset().isPresent()) {
      json.writeStringProperty("lbw", list.preset().get());
    } else {
      json.writeArrayPropertyStart("lbw");
      list.values().forEach(json::writeNumber);
      json.writeEndArray();
    }
    json.writeNumberProperty("lbw_elsewhere", list.elsewhere());
  }

  private static void write(JsonGenerator json, String name, List<String> patterns) {
    if (!patterns.isEmpty()) {
      json.writeArrayPropertyStart(name);
      patterns.forEach(json::writeString);
      json.writeEndArray();
    }
  }

  /** Reads a strength from a file that may say anything; empty without a finite ratio. */
  static Optional<Strength> read(Json ratio, Json parts) {
    return finite(ratio)
        .map(number ->
            new Strength(
                number,
                finite(parts.get("te")),
                blocks(
                    parts.get("lbw"), finite(parts.get("lbw_elsewhere")).orElse(BlockList.PROMPT)),
                ProvenanceReader.lines(parts.get("only"), ProvenanceReader.MOST_LORAS),
                ProvenanceReader.lines(parts.get("skip"), ProvenanceReader.MOST_LORAS),
                elements(parts.get("elements"))));
  }

  /** None if one of them is malformed. */
  private static List<ElementRule> elements(Json json) {
    try {
      return ElementRule.parseAll(
          String.join("\n", ProvenanceReader.lines(json, ProvenanceReader.MOST_LORAS)), "elements");
    } catch (AthanorException e) {
      return List.of();
    }
  }

  private static Optional<BlockList> blocks(Json json, double elsewhere) {
    List<Double> values = json.items().stream().flatMap(item -> finite(item).stream()).toList();
    try {
      return json.text()
          .map(BlockPreset::named)
          .map(preset -> new BlockList(Optional.of(preset.name()), preset.weights(), elsewhere))
          .or(() ->
              Stream.of(values)
                  .filter(numbers -> !numbers.isEmpty())
                  .map(numbers -> BlockList.of(numbers, elsewhere, "lbw"))
                  .findFirst());
    } catch (AthanorException e) {
      return Optional.empty();
    }
  }

  private static Optional<Double> finite(Json json) {
    return json.number().filter(Double::isFinite);
  }
}
