package athanor.model.known;

import athanor.model.table.KeySet;
import java.util.List;
import java.util.function.BiPredicate;
import java.util.stream.Stream;

/**
 * Keys that tell a transformer model: a line of the table {@code signatures.txt}.
 *
 * @param architecture the id of what it is
 * @param key must be there
 * @param conditions which the keys behind a prefix must meet too
 */
record TransformerSignature(
    String architecture, String key, List<BiPredicate<KeySet, String>> conditions) {

  static TransformerSignature parse(String line) {
    String[] words = line.split("\\s+");
    return new TransformerSignature(
        words[0],
        words[1],
        Stream.of(words).skip(2).map(word -> condition(words[1], word)).toList());
  }

  private static BiPredicate<KeySet, String> condition(String key, String word) {
    int colon = word.indexOf(':');
    String text = word.substring(colon + 1);
    return switch (word.substring(0, colon)) {
      case "and" -> (keys, prefix) -> keys.has(prefix + text);
      case "without" -> (keys, prefix) -> !keys.has(prefix + text);
      case "rows" -> (keys, prefix) -> keys.dim(prefix + key, 0) == Long.parseLong(text);
      case "columns" -> (keys, prefix) -> keys.dim(prefix + key, 1) == Long.parseLong(text);
      case "last" ->
          (keys, prefix) ->
              keys.dim(prefix + key, rank(keys, prefix + key) - 1) == Long.parseLong(text);
      case "rank" -> (keys, prefix) -> rank(keys, prefix + key) == Integer.parseInt(text);
      default -> throw new IllegalStateException("unknown condition: " + word);
    };
  }

  private static int rank(KeySet keys, String key) {
    return keys.shape(key).map(shape -> shape.rank()).orElse(0);
  }

  /** Whether a file has these keys behind a prefix. */
  boolean holds(KeySet keys, String prefix) {
    return keys.has(prefix + key)
        && conditions.stream().allMatch(condition -> condition.test(keys, prefix));
  }
}
