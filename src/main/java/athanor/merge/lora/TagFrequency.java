package athanor.merge.lora;

import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * The training tags that kohya's trainer stores as {@code ss_tag_frequency}: a JSON object of data
 * set folders, each an object of tags with how often they occur. Web UIs show them as trigger
 * words.
 */
final class TagFrequency {
  private TagFrequency() {}

  /**
   * The tags of several files together; the counts of the same tag in the same folder add up. A
   * text that is not of this form is left out.
   *
   * @return JSON, or empty if no text can be read
   */
  static Optional<String> merged(List<String> texts) {
    Map<String, Map<String, Long>> all = new LinkedHashMap<>();
    for (String text : texts) {
      read(text)
          .forEach((folder, tags) -> {
            Map<String, Long> sum = all.computeIfAbsent(folder, key -> new LinkedHashMap<>());
            tags.forEach((tag, count) -> sum.merge(tag, count, Long::sum));
          });
    }
    return all.isEmpty() ? Optional.empty() : Optional.of(json(all));
  }

  private static Map<String, Map<String, Long>> read(String text) {
    Map<String, Map<String, Long>> folders = new LinkedHashMap<>();
    try (JsonParser parser = new JsonFactory().createParser(ObjectReadContext.empty(), text)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return Map.of();
      }
      while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
        String folder = parser.currentName();
        if (parser.nextToken() != JsonToken.START_OBJECT) {
          return Map.of();
        }
        Map<String, Long> tags = new LinkedHashMap<>();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
          String tag = parser.currentName();
          if (parser.nextToken() != JsonToken.VALUE_NUMBER_INT) {
            return Map.of();
          }
          tags.merge(tag, parser.getLongValue(), Long::sum);
        }
        folders.put(folder, tags);
      }
      return folders;
    } catch (JacksonException e) {
      return Map.of();
    }
  }

  private static String json(Map<String, Map<String, Long>> folders) {
    var text = new StringWriter();
    try (JsonGenerator json = new JsonFactory().createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      folders.forEach((folder, tags) -> {
        json.writeName(folder);
        json.writeStartObject();
        tags.forEach(json::writeNumberProperty);
        json.writeEndObject();
      });
      json.writeEndObject();
    }
    return text.toString();
  }
}
