package athanor.adapter;

import java.io.StringWriter;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/**
 * The tags of training captions that kohya's trainer stores as {@code ss_tag_frequency}: for each
 * folder of a data set, how often each tag occurs. Web UIs show them as trigger words.
 *
 * @param folders tags with their counts by folder, in the order of the file
 */
public record TagFrequency(Map<String, Map<String, Long>> folders) {
  /** The metadata entry that holds them. */
  public static final String METADATA_KEY = "ss_tag_frequency";

  private static final TagFrequency NONE = new TagFrequency(Map.of());

  /** The tags in a JSON text; none if it is not of the form {@code {"folder": {"tag": 3}}}. */
  public static TagFrequency parse(String json) {
    Map<String, Map<String, Long>> folders = new LinkedHashMap<>();
    try (JsonParser parser = new JsonFactory().createParser(ObjectReadContext.empty(), json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return NONE;
      }
      for (String folder = parser.nextName(); folder != null; folder = parser.nextName()) {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
          return NONE;
        }
        Map<String, Long> tags = folders.computeIfAbsent(folder, key -> new LinkedHashMap<>());
        for (String tag = parser.nextName(); tag != null; tag = parser.nextName()) {
          if (parser.nextToken() != JsonToken.VALUE_NUMBER_INT) {
            return NONE;
          }
          tags.merge(tag.strip(), parser.getLongValue(), Long::sum);
        }
      }
      return new TagFrequency(folders);
    } catch (JacksonException e) {
      return NONE;
    }
  }

  /** The tags of several files together; counts of the same tag in the same folder add up. */
  public static TagFrequency sum(Collection<TagFrequency> several) {
    Map<String, Map<String, Long>> all = new LinkedHashMap<>();
    for (TagFrequency one : several) {
      one.folders.forEach((folder, tags) -> {
        Map<String, Long> sum = all.computeIfAbsent(folder, key -> new LinkedHashMap<>());
        tags.forEach((tag, count) -> sum.merge(tag, count, Long::sum));
      });
    }
    return new TagFrequency(all);
  }

  /** Whether there are none. */
  public boolean isEmpty() {
    return folders.isEmpty();
  }

  /** The most frequent tags over all folders, with their counts; equal ones by name. */
  public List<Map.Entry<String, Long>> top(int most) {
    Map<String, Long> counts = new HashMap<>();
    folders.values().forEach(tags -> tags.forEach((tag, n) -> counts.merge(tag, n, Long::sum)));
    return counts.entrySet().stream()
        .sorted(
            Map.Entry.<String, Long>comparingByValue()
                .reversed()
                .thenComparing(Map.Entry.comparingByKey()))
        .limit(most)
        .toList();
  }

  /** The form that {@link #parse} reads. */
  public String toJson() {
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
