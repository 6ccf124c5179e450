package athanor.recipe.yaml;

import athanor.error.NearestNames;
import athanor.error.Problem;
import athanor.merge.method.MethodParameter;
import athanor.merge.method.ParameterType;
import athanor.recipe.ParameterSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;

/**
 * A map of a YAML document with known keys. Every method that reads a value throws an {@link
 * athanor.error.AthanorException} of kind USAGE if it is of another type, saying where, what was
 * found and what is expected. A value that is nothing ({@code null} or left out) counts as missing.
 */
final class YamlMap implements ParameterSource {
  private final YamlNode.Fields node;

  /**
   * A map that may have these keys only.
   *
   * @param what what it describes, for messages
   * @throws athanor.error.AthanorException of kind USAGE if there is another key
   */
  YamlMap(YamlNode.Fields node, String what, List<String> known) {
    this.node = node;
    node.values()
        .forEach((key, field) -> {
          if (!known.contains(key)) {
            throw unknown(key, field, what, known).toException();
          }
        });
  }

  private static Problem unknown(
      String key, YamlNode.Field field, String what, List<String> known) {
    Problem problem =
        Problem.usage(what + " has no key of this name").at(field.place().toString()).found(key);
    List<String> near = NearestNames.of(key, known);
    return near.isEmpty()
        ? problem.expected(String.join(", ", known))
        : problem.help("did you mean " + String.join(" or ", near) + "?");
  }

  /** Where the value of a key stands, else the map. */
  String place(String key) {
    YamlNode.Field field = node.values().get(key);
    return (field == null ? node : field.value()).place().toString();
  }

  /** The value of a key as it is. */
  Optional<YamlNode> node(String key) {
    return Optional.ofNullable(node.values().get(key))
        .map(YamlNode.Field::value)
        .filter(value ->
            !(value instanceof YamlNode.Scalar scalar && scalar.kind() == YamlNode.Kind.NOTHING));
  }

  /** A text. */
  Optional<String> text(String key, String expected) {
    return node(key).map(value -> text(value, key, expected));
  }

  static String text(YamlNode value, String key, String expected) {
    if (value instanceof YamlNode.Scalar scalar && scalar.kind() == YamlNode.Kind.TEXT) {
      return scalar.value();
    }
    Problem problem = wrongType(value, key, expected);
    throw (value instanceof YamlNode.Scalar scalar
            ? problem.help("put it in quotes if it is meant as a text: \"" + scalar.value() + "\"")
            : problem)
        .toException();
  }

  /** One text, or a list of texts. */
  List<String> texts(String key, String expected) {
    List<String> texts = new ArrayList<>();
    node(key)
        .ifPresent(value -> {
          if (value instanceof YamlNode.Items list) {
            list.values().forEach(item -> texts.add(text(item, key, expected)));
          } else {
            texts.add(text(value, key, expected + ", or a list of them"));
          }
        });
    return texts;
  }

  /** True or false; false if it is missing. */
  boolean truth(String key) {
    return node(key)
        .map(value -> {
          if (value instanceof YamlNode.Scalar scalar && scalar.kind() == YamlNode.Kind.TRUTH) {
            return scalar.value().equalsIgnoreCase("true");
          }
          throw wrongType(value, key, "true or false").toException();
        })
        .orElse(false);
  }

  /** A finite number. */
  OptionalDouble number(String key, String expected) {
    return node(key).stream().mapToDouble(value -> number(value, key, expected)).findFirst();
  }

  static double number(YamlNode value, String key, String expected) {
    if (value instanceof YamlNode.Scalar scalar && scalar.kind() == YamlNode.Kind.NUMBER) {
      try {
        double number = Double.parseDouble(scalar.value());
        if (Double.isFinite(number)) {
          return number;
        }
      } catch (NumberFormatException e) {
        // Such as .inf, .nan or 0x1F: reported below.
      }
    }
    throw wrongType(value, key, expected).toException();
  }

  @Override
  public <T> Optional<T> value(MethodParameter<T> parameter) {
    String key = parameter.key();
    ParameterType<T> type = parameter.type();
    return switch (type) {
      case ParameterType.Word<T> word -> word(key, word.expected(), word::ofWord);
      case ParameterType.Switch _ -> type.ofTruth(truth(key));
      case ParameterType.Count _,
          ParameterType.Share _,
          ParameterType.LesserShare _,
          ParameterType.Seed _ ->
          node(key).map(value -> number(value, key, type));
    };
  }

  private static <T> T number(YamlNode value, String key, ParameterType<T> type) {
    return type.ofNumber(number(value, key, type.expected()))
        .orElseThrow(() -> wrongType(value, key, type.expected()).toException());
  }

  /** One of several words. */
  <T> Optional<T> word(String key, String words, Function<String, Optional<T>> parser) {
    return node(key)
        .map(value ->
            parser
                .apply(text(value, key, words))
                .orElseThrow(() -> wrongType(value, key, words).toException()));
  }

  /** A SHA-256. */
  Optional<String> hash(String key) {
    String expected = "64 hexadecimal digits";
    return node(key)
        .map(value -> {
          String hash = value instanceof YamlNode.Scalar scalar ? scalar.value() : "";
          if (!hash.matches("[0-9A-Fa-f]{64}")) {
            throw wrongType(value, key, expected).toException();
          }
          return hash.toLowerCase(Locale.ROOT);
        });
  }

  static Problem wrongType(YamlNode value, String key, String expected) {
    return Problem.usage("the value of " + key + " is not what it should be")
        .at(value.place().toString())
        .found(value.found())
        .expected(expected);
  }
}
