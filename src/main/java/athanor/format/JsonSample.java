package athanor.format;

import java.io.ByteArrayInputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/** Tells JSON files apart: shard index, error message, configuration, anything else. */
final class JsonSample {
  private JsonSample() {}

  /** What kind of JSON file this is; empty if it is not one. */
  static Optional<FileDiagnosis> diagnose(FileSample sample) {
    String text = sample.text();
    if (!text.startsWith("{") && !text.startsWith("[")) {
      return Optional.empty();
    }
    if (text.startsWith("{") && text.contains("\"weight_map\"")) {
      return Optional.of(FileDiagnosis.of(FileKind.SHARD_INDEX));
    }
    if (!sample.isShort()) {
      return sample.isText() ? Optional.of(FileDiagnosis.of(FileKind.JSON)) : Optional.empty();
    }
    return parse(sample.wholeIfShort()).map(JsonSample::classify);
  }

  private static FileDiagnosis classify(Map<String, String> fields) {
    if (fields.containsKey("weight_map")) {
      return FileDiagnosis.of(FileKind.SHARD_INDEX);
    }
    for (String key : new String[] {"message", "error.message", "detail", "error", "error.type"}) {
      String message = fields.getOrDefault(key, "");
      if (!message.isBlank()) {
        return FileDiagnosis.of(FileKind.JSON_ERROR).withFact(message);
      }
    }
    for (String key : new String[] {"_class_name", "architectures", "model_type", "peft_type"}) {
      if (fields.containsKey(key)) {
        return FileDiagnosis.of(FileKind.MODEL_CONFIG).withFact(fields.getOrDefault(key, ""));
      }
    }
    return FileDiagnosis.of(FileKind.JSON);
  }

  /** The texts of the top level and of a nested error, empty for other values; empty if no JSON. */
  private static Optional<Map<String, String>> parse(byte[] bytes) {
    var reader = new InputStreamReader(new ByteArrayInputStream(bytes), StandardCharsets.UTF_8);
    var fields = new LinkedHashMap<String, String>();
    try (JsonParser json = new JsonFactory().createParser(ObjectReadContext.empty(), reader)) {
      if (json.nextToken() == JsonToken.START_OBJECT) {
        readObject(json, "", fields);
      } else {
        json.skipChildren();
      }
      return json.nextToken() == null ? Optional.of(fields) : Optional.empty();
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  private static void readObject(JsonParser json, String prefix, Map<String, String> fields) {
    for (String name = json.nextName(); name != null; name = json.nextName()) {
      JsonToken token = json.nextToken();
      if (token == JsonToken.VALUE_STRING) {
        fields.put(prefix + name, json.getString());
      } else if (token == JsonToken.START_OBJECT && prefix.isEmpty() && name.equals("error")) {
        readObject(json, "error.", fields);
      } else {
        fields.put(prefix + name, "");
        json.skipChildren();
      }
    }
  }
}
