package athanor.model.transformer;

import java.util.List;
import java.util.Optional;

/** How the key of a parameter is the name of its module and an ending. */
final class ParameterNames {
  private static final List<String> WEIGHTS = List.of(".weight", ".scale");
  private static final String BIAS = ".bias";

  private ParameterNames() {}

  /** The module whose weight has this key; empty if it has no ending of weights. */
  static Optional<String> weightOf(String key) {
    return WEIGHTS.stream()
        .filter(key::endsWith)
        .findFirst()
        .map(ending -> key.substring(0, key.length() - ending.length()));
  }

  /** The module whose weight or bias has this key; empty if it has no such ending. */
  static Optional<String> moduleOf(String key) {
    return key.endsWith(BIAS)
        ? Optional.of(key.substring(0, key.length() - BIAS.length()))
        : weightOf(key);
  }

  /**
   * The key with {@code .weight} for {@code .scale} or the reverse: programs save norms either way.
   */
  static String otherSpelling(String key) {
    return key.endsWith(".scale")
        ? key.substring(0, key.length() - ".scale".length()) + ".weight"
        : key.endsWith(".weight")
            ? key.substring(0, key.length() - ".weight".length()) + ".scale"
            : key;
  }
}
