package athanor.model.transformer;

import java.util.List;
import java.util.Optional;

/** How the key of a parameter is the name of its module and an ending. */
final class TransformerNames {
  private static final List<String> ENDINGS = List.of(".weight", ".scale");

  private TransformerNames() {}

  /** The module whose weight has this key; empty if it is no weight. */
  static Optional<String> moduleOf(String key) {
    return ENDINGS.stream()
        .filter(key::endsWith)
        .findFirst()
        .map(ending -> key.substring(0, key.length() - ending.length()));
  }

  /** The key with {@code .weight} for {@code .scale}: newer programs save norms so. */
  static String otherSpelling(String key) {
    return key.endsWith(".scale")
        ? key.substring(0, key.length() - ".scale".length()) + ".weight"
        : key;
  }
}
