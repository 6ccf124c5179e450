package athanor.recipe.yaml;

import java.util.List;
import java.util.Map;

/** A piece of a YAML document and where it stands. Immutable. */
sealed interface YamlNode {
  /**
   * Where something begins.
   *
   * @param file what to call the document
   * @param line from 1
   * @param column from 1
   */
  record Place(String file, int line, int column) {
    @Override
    public String toString() {
      return file + ", line " + line + ", column " + column;
    }
  }

  /** What a scalar is. */
  enum Kind {
    TEXT,
    NUMBER,
    TRUTH,
    NOTHING
  }

  /** A scalar; {@code value} is its text. */
  record Scalar(Place place, Kind kind, String value) implements YamlNode {}

  /** A list. */
  record Items(Place place, List<YamlNode> values) implements YamlNode {}

  /** A map with texts as keys. */
  record Fields(Place place, Map<String, Field> values) implements YamlNode {}

  /** An entry of a map; {@code place} is that of its key. */
  record Field(Place place, YamlNode value) {}

  /** Where it begins. */
  Place place();

  /** What it is, for messages. */
  default String found() {
    return switch (this) {
      case Items list -> list.values().isEmpty() ? "an empty list" : "a list";
      case Fields map -> "a map";
      case Scalar scalar ->
          switch (scalar.kind()) {
            case TEXT -> "the text '" + shortened(scalar.value()) + "'";
            case NUMBER -> "the number " + shortened(scalar.value());
            case TRUTH -> scalar.value();
            case NOTHING -> "nothing";
          };
    };
  }

  private static String shortened(String text) {
    return text.length() <= 80 ? text : text.substring(0, 79) + "…";
  }
}
