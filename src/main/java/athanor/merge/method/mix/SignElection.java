package athanor.merge.method.mix;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/** How the sign is elected that changes must have to be taken. */
public enum SignElection {
  /** The sign of the sum of the weighted changes. */
  TOTAL,
  /** The sign that more of the changes have; plus if as many have minus. */
  FREQUENCY,
  /** None: all are taken. */
  NONE;

  /** What is accepted, for messages. */
  static final String NAMES = "total, frequency or none";

  static Optional<SignElection> parse(String name) {
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
