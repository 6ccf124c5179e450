package athanor.model.known;

import athanor.model.table.KeySet;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Keys that tell a transformer model: a line of the table {@code signatures.txt}.
 *
 * @param architecture the id of what it is
 * @param key must be there
 * @param andKey must be there too; empty text asks for nothing
 * @param withoutKey must not be there; empty text asks for nothing
 * @param rows required rows of {@code key}; 0 asks for nothing
 */
record TransformerSignature(
    String architecture, String key, String andKey, String withoutKey, long rows) {

  static TransformerSignature parse(String line) {
    String[] words = line.split("\\s+");
    return new TransformerSignature(
        words[0],
        words[1],
        condition(words, "and:").orElse(""),
        condition(words, "without:").orElse(""),
        condition(words, "rows:").map(Long::valueOf).orElse(0L));
  }

  private static Optional<String> condition(String[] words, String name) {
    return Stream.of(words)
        .skip(2)
        .filter(word -> word.startsWith(name))
        .map(word -> word.substring(name.length()))
        .findFirst();
  }

  /** Whether a file has these keys behind a prefix. */
  boolean holds(KeySet keys, String prefix) {
    return keys.has(prefix + key)
        && (andKey.isEmpty() || keys.has(prefix + andKey))
        && (withoutKey.isEmpty() || !keys.has(prefix + withoutKey))
        && (rows == 0 || keys.dim(prefix + key, 0) == rows);
  }
}
