package athanor.adapter;

import athanor.error.Problem;
import athanor.tensor.StateDict;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * The alphas of a file in PEFT's dialect, which stores none as tensors: they stand in the metadata
 * entry {@code lora_adapter_metadata} that diffusers writes (fields prefixed by their component),
 * or in an {@code adapter_config.json} beside {@code adapter_model.safetensors}. Scale = alpha /
 * rank, or alpha / √rank with {@code use_rslora}; without configuration it is 1.
 */
final class PeftConfig {
  static final PeftConfig NONE = new PeftConfig(Map.of(), "");

  private static final String METADATA_KEY = "lora_adapter_metadata";
  private static final String CONFIG_FILE = "adapter_config.json";
  private static final String WEIGHTS_STEM = "adapter_model";
  private static final long CONFIG_LIMIT_BYTES = 1 << 20;

  /** Flattened JSON: {@code unet.lora_alpha} → "16", {@code unet.alpha_pattern\0to_q} → "8". */
  private final Map<String, String> fields;

  private final String place;

  private PeftConfig(Map<String, String> fields, String place) {
    this.place = place;
    this.fields = fields;
  }

  /**
   * The configuration that comes with a file, or {@link #NONE}.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if it is there but not JSON
   */
  static PeftConfig of(StateDict source) {
    String metadata = source.metadata().get(METADATA_KEY);
    if (metadata != null) {
      return parse(metadata, source.name() + ", metadata " + METADATA_KEY);
    }
    Path weights = source.files().getFirst().path();
    Path config = weights.resolveSibling(CONFIG_FILE);
    try {
      if (source.name().startsWith(WEIGHTS_STEM)
          && Files.isRegularFile(config)
          && Files.size(config) <= CONFIG_LIMIT_BYTES) {
        return parse(Files.readString(config), config.toString());
      }
    } catch (IOException e) {
      throw Problem.badFile("the configuration beside the weights cannot be read")
          .at(config.toString())
          .toException(e);
    }
    return NONE;
  }

  static PeftConfig parse(String json, String place) {
    Map<String, String> fields = new LinkedHashMap<>();
    try (JsonParser parser = new JsonFactory().createParser(ObjectReadContext.empty(), json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw Problem.badFile("this is not a JSON object").at(place).toException();
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String field = parser.currentName();
        JsonToken value = parser.nextToken();
        if (value == JsonToken.START_OBJECT) {
          readPatterns(parser, field, fields);
        } else if (value == JsonToken.START_ARRAY) {
          parser.skipChildren();
        } else {
          fields.put(field, parser.getString());
        }
      }
      return new PeftConfig(fields, place);
    } catch (JacksonException e) {
      throw Problem.badFile("the LoRA configuration is not valid JSON")
          .at(place)
          .help("remove this entry, or download the file again")
          .toException(e);
    }
  }

  private static void readPatterns(JsonParser parser, String field, Map<String, String> fields) {
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String pattern = parser.currentName();
      if (parser.nextToken().isStructStart()) {
        parser.skipChildren();
      } else {
        fields.put(field + '\0' + pattern, parser.getString());
      }
    }
  }

  /**
   * alpha / rank (or alpha / √rank) of a module of this rank; empty where nothing is configured.
   */
  OptionalDouble scaleOf(String module, long rank) {
    for (String component : candidates(module)) {
      OptionalDouble alpha = alphaOf(component, module);
      if (alpha.isPresent()) {
        boolean rankStabilised = Boolean.parseBoolean(fields.get(component + "use_rslora"));
        return OptionalDouble.of(
            alpha.getAsDouble() / (rankStabilised ? Math.sqrt((double) rank) : (double) rank));
      }
    }
    return OptionalDouble.empty();
  }

  /** Field prefixes that may hold for this module: its component's, then none. */
  private static String[] candidates(String module) {
    int dot = module.indexOf('.');
    return dot < 0 ? new String[] {""} : new String[] {module.substring(0, dot + 1), ""};
  }

  private OptionalDouble alphaOf(String component, String module) {
    String prefix = component + "alpha_pattern" + '\0';
    Map<String, String> patterns = new TreeMap<>();
    fields.forEach((field, value) -> {
      if (field.startsWith(prefix)) {
        patterns.put(field.substring(prefix.length()), value);
      }
    });
    for (Map.Entry<String, String> pattern : patterns.entrySet()) {
      if (matches(module, pattern.getKey())) {
        return number(pattern.getValue());
      }
    }
    return number(fields.get(component + "lora_alpha"));
  }

  /** PEFT's rule: the pattern is the module's name, or a regular expression for a suffix of it. */
  private boolean matches(String module, String pattern) {
    if (module.equals(pattern)) {
      return true;
    }
    try {
      return AlphaPattern.parse(pattern).matches(module);
    } catch (PatternSyntaxException e) {
      throw Problem.badFile("a pattern of the LoRA configuration cannot be used")
          .at(place)
          .found("'" + pattern + "' (" + e.getDescription() + ")")
          .expected("a module's name, or a simple regular expression for its end")
          .help("remove this entry of alpha_pattern")
          .toException();
    }
  }

  private OptionalDouble number(@Nullable String text) {
    if (text == null) {
      return OptionalDouble.empty();
    }
    try {
      double alpha = Double.parseDouble(text);
      if (!Double.isFinite(alpha)) {
        throw Problem.badFile("an alpha of the LoRA configuration is not a finite number")
            .at(place)
            .found(text)
            .toException();
      }
      return OptionalDouble.of(alpha);
    } catch (NumberFormatException e) {
      return OptionalDouble.empty();
    }
  }
}
