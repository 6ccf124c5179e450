package athanor.model.transformer;

import athanor.model.table.Section;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The blocks that a complete model has several of: lines {@code repeat NAME COUNT [STEM]}, where
 * STEM is what block weights call them, before the number.
 */
final class Repeats {
  private final Map<String, Repeated> byStart = new HashMap<>();

  private record Repeated(int count, String stem) {}

  private Repeats() {}

  static Repeats of(Section section, Sizes sizes) {
    var repeats = new Repeats();
    for (String line : section.all("repeat")) {
      List<String> words = List.of(line.split("\\s+"));
      repeats.byStart.put(
          words.getFirst() + ".",
          new Repeated(
              Math.toIntExact(sizes.value(words.get(1))), words.size() > 2 ? words.get(2) : ""));
    }
    return repeats;
  }

  /** How many a complete model has, by what their names begin with, the dot included. */
  Map<String, Integer> complete() {
    var counts = new HashMap<String, Integer>();
    byStart.forEach((start, repeated) -> counts.put(start, repeated.count));
    return counts;
  }

  /** What block weights call these blocks; empty text if they have no name of their own. */
  String stem(String start) {
    Repeated repeated = byStart.get(start);
    return repeated == null ? "" : repeated.stem;
  }
}
