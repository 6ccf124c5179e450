package athanor.merge.method;

import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * How strongly the parts of a LoRA are applied, beside its ratio. Immutable.
 *
 * <p>A pattern of {@code only} or {@code skip} is compared with the module's name as the file
 * spells it, as kohya and as diffusers spell it, and with the key of the weight in the checkpoint.
 * With {@code *} or {@code ?} it must fit a whole name; without, it need only occur in one. Letter
 * case does not count.
 *
 * @param textEncoderRatio the ratio of the text encoders; empty for the LoRA's own
 * @param blocks a weight for each block, multiplied with the ratio; BASE rules the text encoders
 * @param only patterns; unless empty, modules that none of them fits are left out
 * @param skip patterns; modules that one of them fits are left out
 */
public record LoraWeights(
    Optional<Double> textEncoderRatio,
    Optional<BlockList> blocks,
    List<String> only,
    List<String> skip) {

  /** Every part with the LoRA's ratio. */
  public static final LoraWeights NONE =
      new LoraWeights(Optional.empty(), Optional.empty(), List.of(), List.of());

  /** Copies the lists. */
  public LoraWeights {
    only = List.copyOf(only);
    skip = List.copyOf(skip);
  }

  /** Whether every part has the LoRA's ratio. */
  public boolean isEmpty() {
    return equals(NONE);
  }

  /** Whether modules are chosen by name. */
  public boolean hasFilter() {
    return !only.isEmpty() || !skip.isEmpty();
  }

  /** These weights with other block weights. */
  public LoraWeights withBlocks(BlockList list) {
    return new LoraWeights(textEncoderRatio, Optional.of(list), only, skip);
  }

  /**
   * One JSON object with what there is to say: {@code te}, {@code lbw} (a preset's name or the
   * numbers), {@code lbw_elsewhere}, {@code only}, {@code skip}.
   */
  public String toJson() {
    var text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      write(json);
      json.writeEndObject();
    }
    return text.toString();
  }

  private void write(JsonGenerator json) {
    textEncoderRatio.ifPresent(ratio -> json.writeNumberProperty("te", ratio));
    blocks.ifPresent(list -> {
      if (list.preset().isPresent()) {
        json.writeStringProperty("lbw", list.preset().get());
      } else {
        json.writeArrayPropertyStart("lbw");
        list.values().forEach(json::writeNumber);
        json.writeEndArray();
      }
      json.writeNumberProperty("lbw_elsewhere", list.elsewhere());
    });
    write(json, "only", only);
    write(json, "skip", skip);
  }

  private static void write(JsonGenerator json, String name, List<String> patterns) {
    if (!patterns.isEmpty()) {
      json.writeArrayPropertyStart(name);
      patterns.forEach(json::writeString);
      json.writeEndArray();
    }
  }

  /** In a few words: {@code te 0.3, lbw OUTALL, skip ff}; empty if there is nothing to say. */
  public String text() {
    List<String> words = new ArrayList<>();
    textEncoderRatio.ifPresent(ratio -> words.add("te " + Numbers.text(ratio)));
    blocks.ifPresent(list -> words.add("lbw " + list.text()));
    if (!only.isEmpty()) {
      words.add("only " + String.join(",", only));
    }
    if (!skip.isEmpty()) {
      words.add("skip " + String.join(",", skip));
    }
    return String.join(", ", words);
  }
}
