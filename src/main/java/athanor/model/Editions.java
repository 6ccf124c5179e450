package athanor.model;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Models of one architecture that only their names tell apart, such as Turbo and Base: lines {@code
 * edition GROUP LABEL WORD…} of its facts. In one group a model is one of them.
 */
public final class Editions {
  private final List<Edition> editions;

  private Editions(List<Edition> editions) {
    this.editions = editions;
  }

  private record Edition(String group, String label, List<String> words) {
    static Edition parse(String line) {
      List<String> words = List.of(line.split("\\s+"));
      return new Edition(
          words.get(0), words.get(1).replace('_', ' '), words.subList(2, words.size()));
    }

    /** The longest of its words that stands in a text; empty text if none does. */
    String longestIn(String text) {
      return words.stream()
          .filter(text::contains)
          .reduce("", (one, other) -> one.length() >= other.length() ? one : other);
    }
  }

  /** Those of an architecture. */
  static Editions of(ArchitectureFacts facts) {
    return new Editions(facts.editions().stream().map(Edition::parse).toList());
  }

  /** Those of an architecture. */
  public static Editions of(Architecture architecture) {
    return of(architecture.facts());
  }

  /**
   * Which editions a file is, or is for, as far as names tell: of two words of a group the longer
   * one counts.
   *
   * @param texts its name, and what its metadata calls the model; letter case does not matter
   * @return the labels by their groups
   */
  public Map<String, String> namedIn(Collection<String> texts) {
    Map<String, String> labels = new HashMap<>();
    Map<String, Integer> lengths = new HashMap<>();
    for (Edition edition : editions) {
      int length =
          texts.stream()
              .flatMap(text -> Stream.of(edition.longestIn(text.toLowerCase(Locale.ROOT))))
              .mapToInt(String::length)
              .max()
              .orElse(0);
      if (length > lengths.getOrDefault(edition.group(), 0)) {
        lengths.put(edition.group(), length);
        labels.put(edition.group(), edition.label());
      }
    }
    return labels;
  }
}
