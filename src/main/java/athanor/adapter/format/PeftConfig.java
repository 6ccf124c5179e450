package athanor.adapter.format;

import athanor.error.Problem;
import athanor.tensor.StateDict;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
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
 * rank, or alpha / √rank with {@code use_rslora}; without configuration it is 1. alpha is the field
 * {@code lora_alpha}, or {@code alpha} of PEFT's LoHa and LoKr. It also says of some pairs that
 * they are no change of the checkpoint.
 */
public final class PeftConfig {
  /** No configuration. */
  public static final PeftConfig NONE = new PeftConfig(Map.of(), Map.of(), Set.of(), "");

  private static final String METADATA_KEY = "lora_adapter_metadata";
  private static final String CONFIG_FILE = "adapter_config.json";
  private static final String WEIGHTS_STEM = "adapter_model";
  private static final long CONFIG_LIMIT_BYTES = 1 << 20;

  private static final int MAX_PATTERN_LENGTH = 500;

  private static final String INITIAL_WEIGHTS = "init_lora_weights";

  /** Initialisations that take their first product off the base, or quantise it. */
  private static final Set<String> ALTER_THE_BASE =
      Set.of("pissa", "olora", "corda", "lora_ga", "loftq");

  private static final String ALTERS_THE_BASE = "pissa_niter_";

  /** Fields that make a pair something else, and what. */
  private static final Map<String, String> UNMERGEABLE =
      new TreeMap<>(
          Map.of(
              "alora_invocation_tokens", "acts only after certain words (aLoRA)",
              "layer_replication", "is for a model with repeated layers",
              "use_qalora", "belongs to groups of quantised weights (QALoRA)"));

  /** Fields with one value: {@code unet.lora_alpha} → {@code 16}. */
  private final Map<String, String> values;

  /** Fields that are objects, sorted: {@code unet.alpha_pattern} → {@code to_q} → {@code 8}. */
  private final Map<String, Map<String, String>> objects;

  /** Fields that are lists and not empty. */
  private final Set<String> lists;

  private final String place;

  private PeftConfig(
      Map<String, String> values,
      Map<String, Map<String, String>> objects,
      Set<String> lists,
      String place) {
    this.values = values;
    this.objects = objects;
    this.lists = lists;
    this.place = place;
  }

  /**
   * The configuration that comes with a file, or {@link #NONE}.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if it is there but not JSON
   */
  public static PeftConfig of(StateDict source) {
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

  /**
   * Reads a configuration.
   *
   * @param json an object
   * @param place where it stands, for messages
   * @throws athanor.error.AthanorException of kind BAD_FILE if it is no JSON object
   */
  public static PeftConfig parse(String json, String place) {
    Map<String, String> values = new LinkedHashMap<>();
    Map<String, Map<String, String>> objects = new LinkedHashMap<>();
    Set<String> lists = new LinkedHashSet<>();
    try (JsonParser parser = new JsonFactory().createParser(ObjectReadContext.empty(), json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw Problem.badFile("this is not a JSON object").at(place).toException();
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String field = parser.currentName();
        JsonToken value = parser.nextToken();
        if (value == JsonToken.START_OBJECT) {
          objects.put(field, readObject(parser));
        } else if (value == JsonToken.START_ARRAY) {
          if (skipList(parser)) {
            lists.add(field);
          }
        } else {
          values.put(field, parser.getString());
        }
      }
      return new PeftConfig(values, objects, lists, place);
    } catch (JacksonException e) {
      throw Problem.badFile("the LoRA configuration is not valid JSON")
          .at(place)
          .help("remove this entry, or download the file again")
          .toException(e);
    }
  }

  /** Skips a list; whether there was anything in it. */
  private static boolean skipList(JsonParser parser) {
    boolean any = false;
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      parser.skipChildren();
      any = true;
    }
    return any;
  }

  private static Map<String, String> readObject(JsonParser parser) {
    Map<String, String> object = new TreeMap<>();
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      if (parser.nextToken().isStructStart()) {
        parser.skipChildren();
      } else {
        object.put(name, parser.getString());
      }
    }
    return object;
  }

  /** A field with one value for a module: that of its component, else the one without prefix. */
  public Optional<String> value(String module, String field) {
    for (String component : candidates(module)) {
      String value = values.get(component + field);
      if (value != null) {
        return Optional.of(value);
      }
    }
    return Optional.empty();
  }

  /**
   * alpha / rank (or alpha / √rank) of a module of this rank; empty where nothing is configured.
   */
  public OptionalDouble scaleOf(String module, long rank) {
    for (String component : candidates(module)) {
      OptionalDouble alpha = alphaOf(component, module);
      if (alpha.isPresent()) {
        boolean rankStabilised = Boolean.parseBoolean(values.get(component + "use_rslora"));
        return OptionalDouble.of(
            alpha.getAsDouble() / (rankStabilised ? Math.sqrt((double) rank) : (double) rank));
      }
    }
    return OptionalDouble.empty();
  }

  /**
   * Why the pair of a module is no change of a checkpoint as it is: it belongs to a base that was
   * altered before training, acts on some words alone, or needs more than the pair. Empty where
   * nothing of that is configured.
   */
  public Optional<Problem> refusal(String module) {
    for (String component : candidates(module)) {
      String start = values.getOrDefault(component + INITIAL_WEIGHTS, "");
      if (ALTER_THE_BASE.contains(start) || start.startsWith(ALTERS_THE_BASE)) {
        return Optional.of(
            Problem.incompatible("this LoRA belongs to a base that was altered before training")
                .at(place)
                .found(component + INITIAL_WEIGHTS + " " + start)
                .expected("a LoRA that is relative to the checkpoint itself")
                .help(
                    "save it from PEFT with path_initial_model_for_weight_conversion, which makes a"
                        + " plain LoRA of it"));
      }
      for (Map.Entry<String, String> field : UNMERGEABLE.entrySet()) {
        String name = component + field.getKey();
        if (lists.contains(name) || Boolean.parseBoolean(values.get(name))) {
          return Optional.of(
              Problem.incompatible("this LoRA " + field.getValue())
                  .at(place)
                  .found(name)
                  .help("leave it out; no merge can say the same"));
        }
      }
    }
    return Optional.empty();
  }

  /** Field prefixes that may hold for this module: its component's, then none. */
  private static String[] candidates(String module) {
    int dot = module.indexOf('.');
    return dot < 0 ? new String[] {""} : new String[] {module.substring(0, dot + 1), ""};
  }

  /** The rank that is configured for a module; empty if none is. */
  public OptionalLong rankOf(String module) {
    for (String component : candidates(module)) {
      OptionalDouble rank = field(component, "rank_pattern", List.of("r"), module);
      if (rank.isPresent() && rank.getAsDouble() >= 1) {
        return OptionalLong.of((long) rank.getAsDouble());
      }
    }
    return OptionalLong.empty();
  }

  private OptionalDouble alphaOf(String component, String module) {
    return field(component, "alpha_pattern", List.of("lora_alpha", "alpha"), module);
  }

  /** What a pattern says of a module, else the first of these fields that is there. */
  private OptionalDouble field(
      String component, String patternField, List<String> fields, String module) {
    Map<String, String> patterns = objects.getOrDefault(component + patternField, Map.of());
    for (Map.Entry<String, String> pattern : patterns.entrySet()) {
      if (matches(module, pattern.getKey())) {
        return number(pattern.getValue());
      }
    }
    for (String field : fields) {
      OptionalDouble value = number(values.get(component + field));
      if (value.isPresent()) {
        return value;
      }
    }
    return OptionalDouble.empty();
  }

  /**
   * PEFT's rule: the pattern is the module's name, or a regular expression for a suffix of it. It
   * comes from a file, so it is matched in a time that grows with its length alone (RE2).
   */
  private boolean matches(String module, String pattern) {
    if (module.equals(pattern)) {
      return true;
    }
    if (pattern.length() > MAX_PATTERN_LENGTH) {
      throw unusable(pattern, "too long").toException();
    }
    try {
      return Pattern.matches("(.*\\.)?(" + pattern + ")", module);
    } catch (PatternSyntaxException e) {
      throw unusable(pattern, e.getDescription()).toException();
    }
  }

  private Problem unusable(String pattern, String why) {
    return Problem.badFile("a pattern of the LoRA configuration cannot be used")
        .at(place)
        .found("'" + pattern + "' (" + why + ")")
        .expected("a module's name, or a simple regular expression for its end")
        .help("remove this entry of alpha_pattern or rank_pattern");
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
