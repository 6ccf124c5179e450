package athanor.adapter.format;

import athanor.error.Problem;
import athanor.file.InputFile;
import athanor.tensor.StateDict;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * The configuration of a file in PEFT's dialect, which stores no alphas as tensors: it stands in
 * the metadata entry {@code lora_adapter_metadata} that diffusers writes (fields prefixed by their
 * component), or in a file {@code adapter_config.json} that belongs to the weights. Scale = alpha /
 * rank, or alpha / √rank with {@code use_rslora}; without configuration it is 1. It also says of
 * some pairs that they are no change of the checkpoint.
 *
 * <p>A file of that name belongs to {@code adapter_model.safetensors} beside it. Weights of another
 * name have theirs under their own: {@code NAME.adapter_config.json}.
 */
public final class PeftConfig {
  /** No configuration. */
  public static final PeftConfig NONE = new PeftConfig("");

  /** The metadata entry. */
  public static final String METADATA_KEY = "lora_adapter_metadata";

  /** The file, as PEFT calls it. */
  public static final String CONFIG_FILE = "adapter_config.json";

  private static final String WEIGHTS_STEM = "adapter_model";
  private static final String PEFT_ROOT = "base_model.model.";
  private static final long CONFIG_LIMIT_BYTES = 1 << 20;

  private static final int MAX_PATTERN_LENGTH = 500;

  /** What PEFT calls alpha: the first in a LoRA, the second in its LoHa and LoKr. */
  private static final List<String> ALPHA = List.of("lora_alpha", "alpha");

  private static final String PLAIN = "LORA";

  /** Fields with one value: {@code unet.lora_alpha} → {@code 16}. */
  private final Map<String, String> values = new LinkedHashMap<>();

  /** Fields that are objects, in file order: {@code unet.alpha_pattern} → {@code to_q} → 8. */
  private final Map<String, Map<String, String>> objects = new LinkedHashMap<>();

  /** Fields that are lists: {@code unet.modules_to_save} → {@code conv_in}. */
  private final Map<String, List<String>> lists = new LinkedHashMap<>();

  /** Fields that are lists or objects with something in them. */
  private final Set<String> filled = new LinkedHashSet<>();

  private final String place;
  private @Nullable Problem doubt;

  private PeftConfig(String place) {
    this.place = place;
  }

  /**
   * The configuration that comes with a file, or {@link #NONE}.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if it is there but not JSON; of kind
   *     NETWORK if it is elsewhere and cannot be had
   */
  public static PeftConfig of(StateDict source) {
    String metadata = source.metadata().get(METADATA_KEY);
    if (metadata != null) {
      return parse(metadata, source.name() + ", metadata " + METADATA_KEY);
    }
    if (!isWanted(source)) {
      return NONE;
    }
    for (InputFile.Companion found : source.files().getFirst().companions(CONFIG_FILE)) {
      PeftConfig config = read(found.file());
      if (config.fits(source)) {
        boolean own = found.named() || isOwn(String.valueOf(found.beside().getFileName()));
        if (own || config.isNeutral(source)) {
          return config;
        }
        if (!isAnothers(found, source.files().getFirst())) {
          return config.doubtedFor(source);
        }
      }
    }
    return NONE;
  }

  /** Whether the weights that a configuration belongs to are there, and are no copy of these. */
  private static boolean isAnothers(InputFile.Companion config, InputFile weights) {
    for (String extension : List.of(".safetensors", ".bin")) {
      Path other = config.beside().resolveSibling(WEIGHTS_STEM + extension);
      try {
        if (Files.isRegularFile(other) && Files.size(other) != weights.size()) {
          return true;
        }
      } catch (IOException e) {
        return false;
      }
    }
    return false;
  }

  /** Whether a file may have a configuration beside it, because none is in it. */
  public static boolean isWanted(StateDict source) {
    return !source.metadata().containsKey(METADATA_KEY)
        && (isOwn(source.name())
            || source.tensors().stream().anyMatch(tensor -> isPeftName(tensor.key())));
  }

  /** Whether {@code adapter_config.json} in the folder of weights of this name is theirs. */
  public static boolean isOwn(String weights) {
    int dot = weights.indexOf('.');
    String stem = dot < 0 ? weights : weights.substring(0, dot);
    return stem.equals(WEIGHTS_STEM)
        || stem.startsWith(WEIGHTS_STEM + "-0")
        || weights.contains("-" + WEIGHTS_STEM + ".");
  }

  /** Whether a key is spelled as PEFT's. */
  public static boolean isPeftName(String key) {
    return key.startsWith(PEFT_ROOT) || Lora.isInPeftSpelling(key);
  }

  private static PeftConfig read(Path path) {
    try {
      if (Files.size(path) > CONFIG_LIMIT_BYTES) {
        throw Problem.badFile("the configuration of this LoRA is larger than any real one")
            .at(path.toString())
            .toException();
      }
      return parse(Files.readString(path), path.toString());
    } catch (IOException e) {
      throw Problem.badFile("the configuration beside the weights cannot be read")
          .at(path.toString())
          .toException(e);
    }
  }

  /** Whether the ranks of a file are those that this tells. */
  private boolean fits(StateDict source) {
    Set<String> ranks = new LinkedHashSet<>();
    values.forEach((field, value) -> {
      if (field.equals("r") || field.endsWith(".r")) {
        ranks.add(value);
      }
    });
    objects.forEach((field, object) -> {
      if (field.endsWith("rank_pattern")) {
        ranks.addAll(object.values());
      }
    });
    return ranks.isEmpty() || ranksOf(source).allMatch(rank -> ranks.contains(Long.toString(rank)));
  }

  /** Whether it leaves the result as it would be without: every scale 1, and nothing refused. */
  private boolean isNeutral(StateDict source) {
    boolean rankStabilised = values.containsKey("use_rslora") && isTrue(values.get("use_rslora"));
    return refusal().isEmpty()
        && method().orElse(PLAIN).equalsIgnoreCase(PLAIN)
        && !rankStabilised
        && objects.values().stream().allMatch(Map::isEmpty)
        && ranksOf(source)
            .allMatch(rank -> number("", ALPHA).orElse((double) rank) == (double) rank);
  }

  private static LongStream ranksOf(StateDict source) {
    return source.tensors().stream()
        .filter(tensor -> Lora.isPeftDown(tensor.key()) && tensor.shape().rank() > 0)
        .mapToLong(tensor -> tensor.shape().dim(0));
  }

  private PeftConfig doubtedFor(StateDict source) {
    doubt =
        Problem.incompatible("it is uncertain whether a configuration is that of this LoRA")
            .at(source.name())
            .found(place + " in the same folder, which changes its strength")
            .expected("the weights under the name adapter_model.safetensors beside it")
            .help("if it is, give the weights that name; if not, put the LoRA into another folder");
    return this;
  }

  /**
   * Reads a configuration.
   *
   * @param json an object
   * @param place where it stands, for messages
   * @throws athanor.error.AthanorException of kind BAD_FILE if it is no JSON object
   */
  public static PeftConfig parse(String json, String place) {
    var config = new PeftConfig(place);
    try (JsonParser parser = new JsonFactory().createParser(ObjectReadContext.empty(), json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw Problem.badFile("this is not a JSON object").at(place).toException();
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        config.read(parser.currentName(), parser);
      }
      return config;
    } catch (JacksonException e) {
      throw Problem.badFile("the LoRA configuration is not valid JSON")
          .at(place)
          .help("remove this entry, or download the file again")
          .toException(e);
    }
  }

  private void read(String field, JsonParser parser) {
    switch (parser.nextToken()) {
      case START_OBJECT -> {
        Map<String, String> object = new LinkedHashMap<>();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
          filled.add(field);
          String name = parser.currentName();
          if (parser.nextToken().isStructStart()) {
            parser.skipChildren();
          } else {
            object.put(name, parser.getString());
          }
        }
        objects.put(field, object);
      }
      case START_ARRAY -> {
        List<String> list = new ArrayList<>();
        JsonToken token;
        while ((token = parser.nextToken()) != JsonToken.END_ARRAY) {
          filled.add(field);
          if (token.isStructStart()) {
            parser.skipChildren();
          } else {
            list.add(parser.getString());
          }
        }
        lists.put(field, list);
      }
      case VALUE_NULL -> {}
      default -> values.put(field, parser.getString());
    }
  }

  /**
   * Why what it says forbids to merge the factors as they are: the training changed the base, the
   * method is another one, or it is uncertain whether it is about this file.
   */
  public Optional<Problem> refusal() {
    if (doubt != null) {
      return Optional.of(doubt);
    }
    return fields().stream().flatMap(field -> refusalOf(field).stream()).findFirst();
  }

  /**
   * Why the pair of a module is no change of a checkpoint as it is, by the fields of its component;
   * empty where nothing of that is configured.
   */
  public Optional<Problem> refusal(String module) {
    for (String component : candidates(module)) {
      Optional<Problem> refusal =
          fields().stream()
              .filter(field -> field.equals(component + fieldOf(field)))
              .flatMap(field -> refusalOf(field).stream())
              .findFirst();
      if (refusal.isPresent()) {
        return refusal;
      }
    }
    return Optional.empty();
  }

  private Set<String> fields() {
    Set<String> fields = new LinkedHashSet<>(values.keySet());
    fields.addAll(filled);
    return fields;
  }

  private Optional<Problem> refusalOf(String field) {
    return PeftTraining.refusal(
        field, fieldOf(field), values.getOrDefault(field, PeftTraining.FILLED), place);
  }

  private static String fieldOf(String name) {
    return name.substring(name.lastIndexOf('.') + 1);
  }

  /** What PEFT calls the method of a whole adapter: {@code LORA}; empty where nothing tells. */
  public Optional<String> method() {
    return Optional.ofNullable(values.get("peft_type"));
  }

  private static boolean isTrue(@Nullable String value) {
    return Boolean.parseBoolean(value);
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

  /** The field that says of a module that its pair needs this beside it, if one is true. */
  Optional<String> needing(String module, String beside) {
    return TrainingField.OF_PEFT.entrySet().stream()
        .filter(field -> field.getValue().needs(beside))
        .map(Map.Entry::getKey)
        .filter(field -> value(module, field).filter(PeftConfig::isTrue).isPresent())
        .findFirst();
  }

  /** Whether a key is under the root that PEFT gives its files. */
  static boolean isUnderRoot(String key) {
    return key.startsWith(PEFT_ROOT);
  }

  /** Whether a module is one of those that are saved whole ({@code modules_to_save}). */
  boolean savesWhole(String module) {
    for (String component : candidates(module)) {
      for (String saved : lists.getOrDefault(component + "modules_to_save", List.of())) {
        if (module.equals(saved) || module.endsWith("." + saved)) {
          return true;
        }
      }
    }
    return false;
  }

  /** Whether biases of the base were trained beside the pairs ({@code bias}). */
  boolean trainsBias(String module) {
    return value(module, "bias").filter(which -> !which.equals("none")).isPresent();
  }

  /** Fields that this version does not know and that are set, without component, sorted. */
  public List<String> unknownFields() {
    return fields().stream()
        .filter(field -> PeftTraining.isSet(values.getOrDefault(field, PeftTraining.FILLED)))
        .map(PeftConfig::fieldOf)
        .filter(field -> !TrainingField.OF_PEFT.containsKey(field))
        .distinct()
        .sorted()
        .toList();
  }

  /**
   * alpha / rank (or alpha / √rank) of a module of this rank; empty where nothing is configured.
   */
  public OptionalDouble scaleOf(String module, long rank) {
    for (String component : candidates(module)) {
      OptionalDouble alpha = alphaOf(component, module);
      if (alpha.isPresent()) {
        boolean rankStabilised = isTrue(values.get(component + "use_rslora"));
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
    return field(component, "alpha_pattern", ALPHA, module);
  }

  /**
   * What a pattern says of a module, the first in file order as in PEFT; else the first of these
   * fields that is there.
   */
  private OptionalDouble field(
      String component, String patternField, List<String> fields, String module) {
    Map<String, String> patterns = objects.getOrDefault(component + patternField, Map.of());
    String inside = withoutRoot(module.substring(component.length()));
    for (Map.Entry<String, String> pattern : patterns.entrySet()) {
      if (module.equals(pattern.getKey()) || matches(inside, pattern.getKey())) {
        return number(pattern.getValue());
      }
    }
    return number(component, fields);
  }

  private OptionalDouble number(String component, List<String> fields) {
    for (String field : fields) {
      OptionalDouble value = number(values.get(component + field));
      if (value.isPresent()) {
        return value;
      }
    }
    return OptionalDouble.empty();
  }

  private static String withoutRoot(String module) {
    return module.startsWith(PEFT_ROOT) ? module.substring(PEFT_ROOT.length()) : module;
  }

  /**
   * PEFT's rule: the pattern is a regular expression for the module's name in its component, or for
   * a suffix of it. It comes from a file, so it is matched in a time that grows with its length
   * alone (RE2).
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
