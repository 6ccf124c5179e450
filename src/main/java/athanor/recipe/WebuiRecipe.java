package athanor.recipe;

import athanor.merge.method.Method;
import athanor.merge.plan.Precision;
import athanor.merge.plan.Strength;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * A mix of checkpoints as the metadata of web UIs tell it: {@code sd_merge_recipe} with the keys
 * that AUTOMATIC1111's merger writes, A being the primary, B the secondary and C the tertiary
 * model, and {@code sd_merge_models}, which names the files by their hashes. What those keys cannot
 * say stands under {@code models}.
 */
public final class WebuiRecipe {
  /** The key of the recipe. */
  public static final String RECIPE = "sd_merge_recipe";

  /** The key of the models. */
  public static final String MODELS = "sd_merge_models";

  private final Provenance made;
  private final Function<Provenance.Input, Optional<String>> legacyHash;

  private WebuiRecipe(Provenance made, Function<Provenance.Input, Optional<String>> legacyHash) {
    this.made = made;
    this.legacyHash = legacyHash;
  }

  /**
   * The entries of a merge; none if nothing but LoRAs went into the base.
   *
   * @param made the merge
   * @param title what the result is called
   * @param legacyHash the short hash by which old web UIs know a file, if it is known
   */
  public static Map<String, String> entries(
      Provenance made, String title, Function<Provenance.Input, Optional<String>> legacyHash) {
    Map<String, String> entries = new LinkedHashMap<>();
    if (!made.mix().isEmpty()) {
      var recipe = new WebuiRecipe(made, legacyHash);
      entries.put(RECIPE, recipe.recipe(title));
      entries.put(MODELS, recipe.models());
    }
    return entries;
  }

  private String recipe(String title) {
    Provenance.Mixed first = made.mix().getFirst();
    var text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      json.writeStringProperty("type", "athanor");
      json.writeStringProperty("primary_model_hash", key(made.base().orElseThrow()));
      json.writeStringProperty("secondary_model_hash", key(first.model()));
      writeKey(json, "tertiary_model_hash", first.minus());
      json.writeStringProperty("interp_method", method(first));
      json.writeNumberProperty("multiplier", ratio(first.model()));
      json.writeBooleanProperty(
          "save_as_half", made.options().savePrecision().equals(Optional.of(Precision.FP16)));
      json.writeStringProperty("custom_name", title);
      made.vae().ifPresent(vae -> json.writeStringProperty("bake_in_vae", vae.name()));
      if (!isWebuis(first)) {
        writeModels(json);
      }
      json.writeEndObject();
    }
    return text.toString();
  }

  /** Whether the web UI's own keys say all of it. */
  private boolean isWebuis(Provenance.Mixed first) {
    boolean uniform = first.model().strength().map(Strength::isUniform).orElse(true);
    return made.mix().size() == 1 && made.loras().isEmpty() && uniform;
  }

  private void writeModels(JsonGenerator json) {
    json.writeArrayPropertyStart("models");
    for (Provenance.Mixed mixed : made.mix()) {
      json.writeStartObject();
      json.writeStringProperty("hash", key(mixed.model()));
      writeKey(json, "minus_hash", mixed.minus());
      writeStrength(json, mixed.model());
      json.writeEndObject();
    }
    for (Provenance.Input lora : made.loras()) {
      json.writeStartObject();
      json.writeStringProperty("lora", lora.name());
      writeStrength(json, lora);
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void writeStrength(JsonGenerator json, Provenance.Input input) {
    json.writeNumberProperty("multiplier", ratio(input));
    input
        .strength()
        .filter(strength -> !strength.isUniform())
        .ifPresent(strength -> json.writeStringProperty("weights", strength.partsText()));
  }

  private static double ratio(Provenance.Input input) {
    return input.strength().map(Strength::ratio).orElse(1.0);
  }

  private String method(Provenance.Mixed first) {
    Optional<Method> other =
        made.method().filter(method -> !method.description().name().equals("sum"));
    return other
        .map(Method::text)
        .orElse(first.minus().isPresent() ? "Add difference" : "Weighted sum");
  }

  private String models() {
    var text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      List<String> written = new ArrayList<>();
      for (Provenance.Input input : made.inputs()) {
        boolean isLora = made.loras().contains(input);
        if (!isLora && !written.contains(key(input))) {
          written.add(key(input));
          json.writeName(key(input));
          json.writeStartObject();
          json.writeStringProperty("name", input.name());
          legacyHash.apply(input).ifPresent(hash -> json.writeStringProperty("legacy_hash", hash));
          json.writeEndObject();
        }
      }
      json.writeEndObject();
    }
    return text.toString();
  }

  private void writeKey(JsonGenerator json, String name, Optional<Provenance.Input> input) {
    if (input.isPresent()) {
      json.writeStringProperty(name, key(input.get()));
    } else {
      json.writeNullProperty(name);
    }
  }

  /** The hash of the file; where it is not known, its short hash, else its name. */
  private String key(Provenance.Input input) {
    return input.origin().sha256().or(() -> legacyHash.apply(input)).orElse(input.name());
  }
}
