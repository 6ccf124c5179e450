package athanor.model.transformer;

import java.util.Optional;

/**
 * How a variant of an architecture is told from the others: {@code CONDITION LABEL}. A condition is
 * {@code has:MODULE}, {@code lacks:MODULE}, {@code columns:N:MODULE}, {@code blocks:N:NAME} or
 * {@code any}.
 *
 * @param condition the first word
 * @param label what to call the variant, or those that cannot be told apart
 */
record VariantRule(String condition, String label) {

  static VariantRule parse(String line) {
    String[] words = line.split("\\s+", 2);
    return new VariantRule(words[0], words[1]);
  }

  /** Whether a file is such a variant. */
  boolean holds(FilePieces pieces) {
    String[] words = condition.split(":");
    return switch (words[0]) {
      case "any" -> true;
      case "has" -> pieces.has(words[1]);
      case "lacks" -> !pieces.has(words[1]);
      case "columns" -> pieces.columns(words[2]).equals(Optional.of(Long.valueOf(words[1])));
      case "blocks" -> pieces.blocks(words[2]) == Integer.parseInt(words[1]);
      default -> throw new IllegalStateException("unknown condition: " + condition);
    };
  }
}
