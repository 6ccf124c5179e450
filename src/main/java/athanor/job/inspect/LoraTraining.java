package athanor.job.inspect;

import athanor.adapter.TagFrequency;
import athanor.error.PrintableText;
import athanor.job.inspect.Inspection.Fact;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What trainers write about a LoRA into its metadata, in words. */
public final class LoraTraining {
  private static final int TAGS = 10;
  private static final int MOST_WORDS = 100;

  /** Metadata entries and what to call them, in the order in which they are worth reading. */
  private static final List<Map.Entry<String, String>> ENTRIES =
      List.of(
          Map.entry("modelspec.trigger_phrase", "trigger words"),
          Map.entry("modelspec.usage_hint", "usage"),
          Map.entry("ss_base_model_version", "base model"),
          Map.entry("ss_sd_model_name", "trained on"),
          Map.entry("ss_network_module", "network module"),
          Map.entry("ss_training_comment", "training comment"));

  private LoraTraining() {}

  /** The words that call a LoRA's style; at most a hundred, each a line that is safe to show. */
  public static List<String> triggerWords(Map<String, String> metadata) {
    return Stream.of(metadata.getOrDefault("modelspec.trigger_phrase", "").split(","))
        .limit(MOST_WORDS)
        .map(PrintableText::line)
        .filter(word -> !word.isEmpty())
        .distinct()
        .toList();
  }

  /** The tags that occur most often in the captions of a LoRA's training. */
  public static List<String> frequentTags(Map<String, String> metadata) {
    return tags(metadata).stream().map(Map.Entry::getKey).toList();
  }

  private static List<Map.Entry<String, Long>> tags(Map<String, String> metadata) {
    return TagFrequency.parse(metadata.getOrDefault(TagFrequency.METADATA_KEY, "")).top(TAGS);
  }

  static List<Fact> facts(Map<String, String> metadata) {
    List<Fact> facts = new ArrayList<>();
    for (Map.Entry<String, String> entry : ENTRIES) {
      String value = metadata.getOrDefault(entry.getKey(), "").strip();
      if (!value.isEmpty() && !value.equals("None")) {
        facts.add(new Fact(entry.getValue(), value));
      }
    }
    List<Map.Entry<String, Long>> tags = tags(metadata);
    if (!tags.isEmpty()) {
      facts.add(new Fact("top tags", text(tags)));
    }
    return facts;
  }

  /** {@code 1girl (120), solo (98)}. */
  private static String text(List<Map.Entry<String, Long>> tags) {
    return tags.stream()
        .map(tag -> tag.getKey() + " (" + tag.getValue() + ")")
        .collect(Collectors.joining(", "));
  }
}
