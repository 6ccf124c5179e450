package athanor.recipe;

import java.io.StringWriter;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * How a result was made, as it is stored in its metadata under {@link #METADATA_KEY}: inputs by
 * file name and hash, ratios and options, never a local path. Immutable.
 *
 * @param version the version of this program
 * @param base the checkpoint; empty for LoRA + LoRA
 * @param loras the LoRAs in order
 * @param options how it was computed and stored
 * @param vae the file that gave the VAE; empty if it is that of the base
 * @param fixedPositions whether damaged position ids of the base were put right
 */
public record Provenance(
    String version,
    Optional<Input> base,
    List<Input> loras,
    MergeOptions options,
    Optional<Input> vae,
    boolean fixedPositions) {

  /** The metadata key that holds it. */
  public static final String METADATA_KEY = "athanor.recipe";

  /**
   * An input.
   *
   * @param name file name without any folder
   * @param bytes file size
   * @param headerSha256 SHA-256 of the safetensors header, hexadecimal; empty for other formats
   * @param ratio the ratio; empty for the base and the VAE
   * @param weights how strongly its parts are applied
   */
  public record Input(
      String name,
      long bytes,
      Optional<String> headerSha256,
      Optional<Double> ratio,
      LoraWeights weights) {

    /** An input whose parts all have its ratio. */
    public Input(String name, long bytes, Optional<String> headerSha256, Optional<Double> ratio) {
      this(name, bytes, headerSha256, ratio, LoraWeights.NONE);
    }
  }

  /** Copies the list. */
  public Provenance {
    loras = List.copyOf(loras);
  }

  /** A result that has nothing but the weights of its inputs. */
  public Provenance(String version, Optional<Input> base, List<Input> loras, MergeOptions options) {
    this(version, base, loras, options, Optional.empty(), false);
  }

  /** One JSON object on one line. */
  public String toJson() {
    var text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      json.writeStringProperty("athanor", version);
      if (base.isPresent()) {
        json.writeName("base");
        write(json, base.get());
      }
      json.writeName("loras");
      json.writeStartArray();
      for (Input lora : loras) {
        write(json, lora);
      }
      json.writeEndArray();
      json.writeStringProperty("precision", options.precision().toString());
      json.writeStringProperty(
          "save_precision", options.savePrecision().map(Precision::toString).orElse("keep"));
      if (vae.isPresent()) {
        json.writeName("vae");
        write(json, vae.get());
      }
      if (fixedPositions) {
        json.writeBooleanProperty("fixed_positions", true);
      }
      json.writeEndObject();
    }
    return text.toString();
  }

  private static void write(JsonGenerator json, Input input) {
    json.writeStartObject();
    json.writeStringProperty("name", input.name());
    json.writeNumberProperty("bytes", input.bytes());
    input.headerSha256().ifPresent(hash -> json.writeStringProperty("header_sha256", hash));
    input.ratio().ifPresent(ratio -> json.writeNumberProperty("ratio", ratio));
    if (!input.weights().isEmpty()) {
      json.writeName("weights");
      json.writeRawValue(input.weights().toJson());
    }
    json.writeEndObject();
  }
}
