package athanor.merge.method;

import java.util.List;

/**
 * A setting of a method, described once: its option, its help, its key in recipes and in metadata,
 * its range and its messages follow from this.
 *
 * @param key its name in recipes and metadata, such as {@code conv_rank}
 * @param options the spellings of its option, the one to show first
 * @param label what its value is called in help; empty for a {@link ParameterType.Switch}
 * @param type what its values are
 * @param help a sentence
 */
public record MethodParameter<T>(
    String key, List<String> options, String label, ParameterType<T> type, String help) {

  /** Copies the list. */
  public MethodParameter {
    options = List.copyOf(options);
  }

  /** Its name in sentences: the option without dashes before it. */
  public String name() {
    return options.getFirst().replaceFirst("^--", "");
  }
}
