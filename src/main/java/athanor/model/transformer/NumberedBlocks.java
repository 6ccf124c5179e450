package athanor.model.transformer;

import athanor.model.table.KeySet;
import athanor.model.table.Section;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The blocks of a model that come several times, and so the keys that differ only in a number:
 * {@code double_blocks.7.img_attn.qkv} is {@code double_blocks.N.img_attn.qkv} with 7. Read from
 * lines {@code repeat NAME COUNT}.
 */
final class NumberedBlocks {
  private final List<Repeated> all;

  private NumberedBlocks(List<Repeated> all) {
    this.all = all;
  }

  /**
   * Blocks that come several times.
   *
   * @param start what their names begin with, dots included, before the number
   * @param count how many a complete model has
   * @param stem what block weights call them, before the number; may be empty
   */
  record Repeated(String start, int count, String stem) {
    /** The number in a name of such a block; empty if it is no such name. */
    OptionalInt numberIn(String name) {
      if (!name.startsWith(start)) {
        return OptionalInt.empty();
      }
      int end = name.indexOf('.', start.length());
      String digits = name.substring(start.length(), end < 0 ? name.length() : end);
      return digits.matches("\\d{1,4}")
          ? OptionalInt.of(Integer.parseInt(digits))
          : OptionalInt.empty();
    }
  }

  static NumberedBlocks of(Section section) {
    return new NumberedBlocks(
        section.all("repeat").stream()
            .map(line -> line.split("\\s+"))
            .map(words ->
                new Repeated(
                    words[0] + ".", Integer.parseInt(words[1]), words.length > 2 ? words[2] : ""))
            .toList());
  }

  /** The blocks that a name is one of. */
  Stream<Repeated> of(String name) {
    return all.stream().filter(blocks -> blocks.numberIn(name).isPresent());
  }

  /** A name with N for its number; itself if it has none. */
  String pattern(String name) {
    return of(name)
        .findFirst()
        .map(blocks ->
            blocks.start + "N" + name.substring(blocks.start.length() + digits(blocks, name)))
        .orElse(name);
  }

  private static int digits(Repeated blocks, String name) {
    int end = name.indexOf('.', blocks.start.length());
    return (end < 0 ? name.length() : end) - blocks.start.length();
  }

  /** The number in a name; empty if it has none. */
  OptionalInt number(String name) {
    return of(name).flatMapToInt(blocks -> blocks.numberIn(name).stream()).findFirst();
  }

  /** How many blocks a complete model has, by what their names begin with. */
  Map<String, Integer> complete() {
    var counts = new HashMap<String, Integer>();
    all.forEach(blocks -> counts.put(blocks.start, blocks.count));
    return counts;
  }

  /** How many blocks a file has: models made from others drop some. */
  Map<String, Integer> in(KeySet keys, String prefix) {
    var counts = new HashMap<String, Integer>();
    for (String key : keys.tensors().keySet()) {
      if (key.startsWith(prefix)) {
        String name = key.substring(prefix.length());
        of(name)
            .forEach(blocks ->
                counts.merge(blocks.start, blocks.numberIn(name).orElseThrow() + 1, Math::max));
      }
    }
    return counts;
  }

  /** The names that a pattern stands for. */
  List<String> expand(String pattern, Map<String, Integer> counts) {
    var names = new ArrayList<String>();
    for (Repeated blocks : all) {
      if (pattern.startsWith(blocks.start + "N.")) {
        String end = pattern.substring(blocks.start.length() + 1);
        IntStream.range(0, counts.getOrDefault(blocks.start, 0))
            .forEach(number -> names.add(blocks.start + number + end));
        return names;
      }
    }
    names.add(pattern);
    return names;
  }
}
