package athanor.model.transformer;

import athanor.model.table.KeyList;
import athanor.model.table.Section;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The keys and shapes of a complete component, with N for the number of a block: lines {@code KEY
 * SHAPE}, where {@code optional} may follow.
 *
 * @param section the lines
 * @param blocks the blocks that come several times
 */
record KeyTable(Section section, NumberedBlocks blocks) {

  /** Appends every tensor behind a prefix to {@code keys}. */
  void list(String prefix, KeyList keys) {
    for (String pattern : section.keys()) {
      String shape = section.words(pattern).getFirst();
      long[] dims = Stream.of(shape.split("x")).mapToLong(Long::parseLong).toArray();
      blocks.expand(pattern, blocks.complete()).forEach(name -> keys.tensor(prefix + name, dims));
    }
  }

  /** The keys that a file with so many blocks must have. */
  List<String> required(String prefix, Map<String, Integer> counts) {
    Set<String> names = new TreeSet<>();
    for (String pattern : section.keys()) {
      if (!section.words(pattern).contains("optional")) {
        names.addAll(blocks.expand(pattern, counts));
      }
    }
    return names.stream().map(prefix::concat).toList();
  }

  /** Whether a name is one of these keys. */
  boolean has(String name) {
    return section.keys().contains(blocks.pattern(name));
  }
}
