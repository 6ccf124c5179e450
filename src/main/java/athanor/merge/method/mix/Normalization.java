package athanor.merge.method.mix;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** What the sum of the changes that are taken is divided by, value by value. */
public enum Normalization {
  /** How many are taken: the mean of the TIES paper and of PEFT. */
  COUNT,
  /** The sum of their ratios: mergekit's {@code normalize}. */
  WEIGHTS,
  /** Nothing. */
  NONE;

  /** What is accepted, for messages. */
  static final String NAMES = "count, weights or none";

  static Optional<Normalization> parse(String name) {
    return Stream.of(values())
        .filter(one -> one.toString().equals(name.toLowerCase(Locale.ROOT)))
        .findFirst();
  }

  /** The word for it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
