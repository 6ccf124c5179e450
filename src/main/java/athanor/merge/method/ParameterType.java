package athanor.merge.method;

import java.util.Optional;
import java.util.function.Function;

/**
 * What the values of a parameter are. Every form in which a merge is written takes its values from
 * here, so that a range or a spelling is said once.
 *
 * @param <T> the type of a value
 */
public sealed interface ParameterType<T> {

  /** Whole numbers of at least 1. */
  static ParameterType<Integer> count() {
    return new Count();
  }

  /** Shares of a whole. */
  static ParameterType<Double> share() {
    return new Share();
  }

  /** Numbers from 0 up to below 1. */
  static ParameterType<Double> lesserShare() {
    return new LesserShare();
  }

  /** What a random choice begins with. */
  static ParameterType<Long> seed() {
    return new Seed();
  }

  /** Something that is asked for or not. */
  static ParameterType<Boolean> asked() {
    return new Switch();
  }

  /** What a value may be, for messages. */
  String expected();

  /** The value that a number means; empty if it means none. */
  default Optional<T> ofNumber(double number) {
    return Optional.empty();
  }

  /** The value that a word means; empty if it means none. */
  default Optional<T> ofWord(String word) {
    return Optional.empty();
  }

  /** The value that true or false means; empty if it means none. */
  default Optional<T> ofTruth(boolean truth) {
    return Optional.empty();
  }

  /** The value as forms hold it: an Integer, a Long, a Double, a Boolean or a String. */
  default Object plain(T value) {
    return value;
  }

  /** Whole numbers of at least 1. */
  record Count() implements ParameterType<Integer> {
    @Override
    public String expected() {
      return "a whole number of at least 1";
    }

    @Override
    public Optional<Integer> ofNumber(double number) {
      boolean counts = number >= 1 && number == Math.rint(number) && number <= Integer.MAX_VALUE;
      return counts ? Optional.of((int) number) : Optional.empty();
    }
  }

  /** Numbers above 0 and up to 1. */
  record Share() implements ParameterType<Double> {
    @Override
    public String expected() {
      return "more than 0 and at most 1, such as 0.999";
    }

    @Override
    public Optional<Double> ofNumber(double number) {
      return number > 0 && number <= 1 ? Optional.of(number) : Optional.empty();
    }
  }

  /** Numbers from 0 on and below 1. */
  record LesserShare() implements ParameterType<Double> {
    @Override
    public String expected() {
      return "at least 0 and less than 1, such as 0.01";
    }

    @Override
    public Optional<Double> ofNumber(double number) {
      return number >= 0 && number < 1 ? Optional.of(number) : Optional.empty();
    }
  }

  /** Whole numbers from 0 on that every form holds exactly. */
  record Seed() implements ParameterType<Long> {
    private static final long LARGEST = 1L << 53;

    @Override
    public String expected() {
      return "a whole number from 0 to 9007199254740992";
    }

    @Override
    public Optional<Long> ofNumber(double number) {
      boolean whole = number >= 0 && number == Math.rint(number) && number <= LARGEST;
      return whole ? Optional.of((long) number) : Optional.empty();
    }
  }

  /** True or false; false is the same as nothing. */
  record Switch() implements ParameterType<Boolean> {
    @Override
    public String expected() {
      return "true or false";
    }

    @Override
    public Optional<Boolean> ofTruth(boolean truth) {
      return truth ? Optional.of(true) : Optional.empty();
    }
  }

  /**
   * One of a few words; the text of a value is the word for it.
   *
   * @param what what the words name, for messages
   * @param expected the words to offer; more may be understood
   * @param parser the value of a word
   */
  record Word<T>(String what, String expected, Function<String, Optional<T>> parser)
      implements ParameterType<T> {
    @Override
    public Optional<T> ofWord(String word) {
      return parser.apply(word);
    }

    @Override
    public Object plain(T value) {
      return value.toString();
    }
  }
}
