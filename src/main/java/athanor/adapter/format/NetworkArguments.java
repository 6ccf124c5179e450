package athanor.adapter.format;

import athanor.tensor.StateDict;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * What kohya's trainer notes of the network that it trained, in the metadata entry {@code
 * ss_network_args}: an object whose values are mostly texts, {@code {"algo": "lokr", "dora_wd":
 * "True"}}. What cannot be read counts as not said.
 */
final class NetworkArguments {
  private static final String KEY = "ss_network_args";

  /** Longer than anything that a trainer writes there. */
  private static final int LIMIT_CHARACTERS = 1 << 16;

  private NetworkArguments() {}

  /** The value of a field of one value; empty where nothing tells. */
  static Optional<String> value(StateDict source, String field) {
    String json = source.metadata().get(KEY);
    if (json == null || json.length() > LIMIT_CHARACTERS || !json.contains(field)) {
      return Optional.empty();
    }
    try (JsonParser parser = new JsonFactory().createParser(ObjectReadContext.empty(), json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return Optional.empty();
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        if (value.isStructStart()) {
          parser.skipChildren();
        } else if (name.equals(field) && value != JsonToken.VALUE_NULL) {
          return Optional.of(parser.getString());
        }
      }
      return Optional.empty();
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  /** Whether a field is true, as Python or JSON spell it. */
  static boolean isTrue(StateDict source, String field) {
    return value(source, field)
        .filter(value -> value.equalsIgnoreCase("true") || value.equals("1"))
        .isPresent();
  }

  /** The fields that a file has and that say that every pair needs this beside it. */
  static Optional<String> needing(StateDict source, String beside) {
    return TrainingField.OF_LYCORIS.entrySet().stream()
        .filter(field -> field.getValue().needs(beside))
        .map(Map.Entry::getKey)
        .sorted()
        .filter(field -> isTrue(source, field))
        .findFirst();
  }
}
