package athanor.job;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * The tags of a LoRA's training captions, from {@code ss_tag_frequency}: per data set, how often
 * each tag occurs.
 */
final class TagFrequency {
  private TagFrequency() {}

  /**
   * The most frequent tags over all data sets, with their counts, equal ones by name.
   *
   * @return empty if the text is not what it should be
   */
  static List<Map.Entry<String, Long>> top(String json, int most) {
    Map<String, Long> counts = new HashMap<>();
    try (JsonParser parser = new JsonFactory().createParser(ObjectReadContext.empty(), json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return List.of();
      }
      while (parser.nextName() != null) {
        if (parser.nextToken() == JsonToken.START_OBJECT) {
          readSet(parser, counts);
        } else {
          parser.skipChildren();
        }
      }
    } catch (JacksonException e) {
      return List.of();
    }
    return counts.entrySet().stream()
        .sorted(
            Map.Entry.<String, Long>comparingByValue()
                .reversed()
                .thenComparing(Map.Entry.comparingByKey()))
        .limit(most)
        .toList();
  }

  private static void readSet(JsonParser parser, Map<String, Long> counts) {
    for (String tag = parser.nextName(); tag != null; tag = parser.nextName()) {
      if (parser.nextToken() == JsonToken.VALUE_NUMBER_INT) {
        counts.merge(tag.strip(), parser.getLongValue(), Long::sum);
      } else {
        parser.skipChildren();
      }
    }
  }

  /** {@code 1girl (120), solo (98)}. */
  static String text(List<Map.Entry<String, Long>> tags) {
    return tags.stream()
        .map(tag -> tag.getKey() + " (" + tag.getValue() + ")")
        .collect(Collectors.joining(", "));
  }
}
