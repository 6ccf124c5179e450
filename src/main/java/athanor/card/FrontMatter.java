package athanor.card;

import athanor.error.Problem;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.Tag;
import org.snakeyaml.engine.v2.representer.StandardRepresenter;

/**
 * The YAML of a card. Readers of the Hub follow different versions of YAML, so every text that one
 * of them could take for something else is quoted.
 */
final class FrontMatter {
  private static final Pattern UNMISTAKABLE = Pattern.compile("[A-Za-z][A-Za-z0-9._/+-]*");
  private static final Set<String> WORDS_WITH_A_MEANING =
      Set.of("y", "n", "yes", "no", "on", "off", "true", "false", "null", "nan", "inf");

  private static final LoadSettings READING =
      LoadSettings.builder().setLabel("the front matter").setCodePointLimit(1 << 20).build();
  private static final DumpSettings WRITING =
      DumpSettings.builder()
          .setDefaultFlowStyle(FlowStyle.BLOCK)
          .setSplitLines(false)
          .setWidth(Integer.MAX_VALUE)
          .build();

  private FrontMatter() {}

  /** The lines of a mapping; its values are texts and lists of texts. */
  static String write(Map<String, ?> values) {
    return values.isEmpty() ? "" : new Dump(WRITING, new Quoting()).dumpToString(values);
  }

  /**
   * Reads a mapping.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if it is no YAML, or no mapping
   */
  static Map<String, Object> read(String yaml) {
    try {
      Object found = new Load(READING).loadFromString(yaml);
      if (found == null) {
        return Map.of();
      }
      if (found instanceof Map<?, ?> map) {
        Map<String, Object> values = new LinkedHashMap<>();
        map.forEach((key, value) -> values.put(String.valueOf(key), value));
        return values;
      }
    } catch (YamlEngineException | StackOverflowError e) {
      throw unreadable(Objects.requireNonNullElse(e.getMessage(), "too deep"));
    }
    throw unreadable("not a mapping of keys to values");
  }

  private static RuntimeException unreadable(String why) {
    return Problem.badFile("the front matter of the existing card cannot be read")
        .found(why.replaceAll("\\s+", " ").strip())
        .help(
            "correct what stands between the two lines ---, or make the card anew with --overwrite")
        .toException();
  }

  /**
   * The mapping with more keys. What it has stays as it is, in its order; only {@code decided} keys
   * replace other values.
   *
   * @throws athanor.error.AthanorException as {@link #read}
   */
  static String extended(String yaml, Map<String, ?> wanted, Set<String> decided) {
    Map<String, Object> had = read(yaml);
    Map<String, Object> missing = new LinkedHashMap<>(wanted);
    missing.keySet().removeAll(had.keySet());
    Map<String, Object> replaced = new LinkedHashMap<>(wanted);
    replaced.keySet().retainAll(decided);
    replaced.keySet().retainAll(had.keySet());
    replaced.entrySet().removeIf(entry -> entry.getValue().equals(had.get(entry.getKey())));
    Map<String, Object> result = new LinkedHashMap<>(had);
    result.putAll(replaced);
    result.putAll(missing);
    if (replaced.isEmpty()) {
      String separator = yaml.isEmpty() || yaml.endsWith("\n") ? "" : "\n";
      String appended = yaml + separator + write(missing);
      if (isSame(appended, result)) {
        return appended;
      }
    }
    // A mapping in braces, or a value to replace: comments are lost, nothing else.
    return write(result);
  }

  private static boolean isSame(String yaml, Map<String, Object> values) {
    try {
      return values.equals(new Load(READING).loadFromString(yaml));
    } catch (YamlEngineException e) {
      return false;
    }
  }

  private static final class Quoting extends StandardRepresenter {
    Quoting() {
      super(WRITING);
      representers.put(String.class, text -> scalar(text.toString()));
    }

    private Node scalar(String text) {
      boolean plain =
          UNMISTAKABLE.matcher(text).matches()
              && !WORDS_WITH_A_MEANING.contains(text.toLowerCase(Locale.ROOT));
      return representScalar(Tag.STR, text, plain ? ScalarStyle.PLAIN : ScalarStyle.DOUBLE_QUOTED);
    }
  }
}
