package athanor.recipe;

import athanor.merge.plan.Strength;
import java.io.StringWriter;
import java.util.Optional;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** Writes a {@link Provenance} as JSON; {@link ProvenanceReader} reads it. */
final class ProvenanceWriter {
  private final JsonGenerator json;

  private ProvenanceWriter(JsonGenerator json) {
    this.json = json;
  }

  static String toJson(Provenance provenance) {
    var text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
      new ProvenanceWriter(json).write(provenance);
    }
    return text.toString();
  }

  private void write(Provenance provenance) {
    json.writeStartObject();
    json.writeStringProperty("athanor", provenance.version());
    write("base", provenance.base());
    if (!provenance.mix().isEmpty()) {
      json.writeArrayPropertyStart("mix");
      provenance.mix().forEach(this::write);
      json.writeEndArray();
    }
    json.writeName("loras");
    json.writeStartArray();
    provenance.loras().forEach(this::write);
    json.writeEndArray();
    write("vae", provenance.vae());
    OptionsForm.writePrecision(provenance.options(), this::writeField);
    OptionsForm.writeTolerance(provenance.options(), this::writeField);
    writeIf("fixed_positions", provenance.fixedPositions());
    provenance.method().ifPresent(method -> MethodForm.write(method, this::writeField));
    json.writeEndObject();
  }

  private void writeField(String key, Object value) {
    switch (value) {
      case Integer number -> json.writeNumberProperty(key, number);
      case Long number -> json.writeNumberProperty(key, number);
      case Double number -> json.writeNumberProperty(key, number);
      case Boolean truth -> json.writeBooleanProperty(key, truth);
      default -> json.writeStringProperty(key, value.toString());
    }
  }

  private void write(String name, Optional<Provenance.Input> input) {
    if (input.isPresent()) {
      json.writeName(name);
      write(input.get());
    }
  }

  private void write(Provenance.Mixed mixed) {
    json.writeStartObject();
    writeFields(mixed.model());
    write("minus", mixed.minus());
    json.writeEndObject();
  }

  private void write(Provenance.Input input) {
    json.writeStartObject();
    writeFields(input);
    json.writeEndObject();
  }

  private void writeFields(Provenance.Input input) {
    json.writeStringProperty("name", input.name());
    json.writeNumberProperty("bytes", input.bytes());
    input.headerSha256().ifPresent(hash -> json.writeStringProperty("header_sha256", hash));
    input.strength().ifPresent(this::write);
    write(input.origin());
  }

  private void write(Strength strength) {
    json.writeNumberProperty("ratio", strength.ratio());
    if (!strength.isUniform()) {
      json.writeName("weights");
      json.writeRawValue(StrengthJson.parts(strength));
    }
  }

  private void write(InputOrigin origin) {
    writeText("sha256", origin.sha256());
    writeText("link", origin.link());
    writeText("pinned_link", origin.pinnedLink());
    if (!origin.triggerWords().isEmpty()) {
      json.writeArrayPropertyStart("trigger_words");
      origin.triggerWords().forEach(json::writeString);
      json.writeEndArray();
    }
    writeText("credit", origin.credit());
    writeText("license", origin.license());
    writeText("base_model", origin.baseModel());
  }

  private void writeText(String name, Optional<String> value) {
    value.ifPresent(text -> json.writeStringProperty(name, text));
  }

  private void writeIf(String name, boolean truth) {
    if (truth) {
      json.writeBooleanProperty(name, true);
    }
  }
}
