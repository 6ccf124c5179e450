package athanor.model.transformer;

import java.util.Collection;
import java.util.List;
import java.util.OptionalInt;

/**
 * Names that differ only in the number of a block: {@code double_blocks.7.img_attn.qkv} is {@code
 * double_blocks.N.img_attn.qkv} with 7.
 */
final class NumberedNames {
  private final List<String> starts;

  private NumberedNames(List<String> starts) {
    this.starts = starts;
  }

  /**
   * A name taken apart.
   *
   * @param pattern with N for the number; the name itself if it has none
   * @param start what stands before the number; empty text if it has none
   * @param number the number
   */
  record Numbered(String pattern, String start, OptionalInt number) {
    /** A pattern of the same block, in whatever names, with the number put in. */
    String in(String other) {
      return number.isEmpty() ? other : numbered(other, number.getAsInt());
    }
  }

  /** Those that these patterns stand for. */
  static NumberedNames of(Collection<String> patterns) {
    return new NumberedNames(
        patterns.stream()
            .filter(NumberedNames::isNumbered)
            .map(NumberedNames::start)
            .distinct()
            .toList());
  }

  /** Whether a pattern has an N. */
  static boolean isNumbered(String pattern) {
    return pattern.contains(".N.") || pattern.endsWith(".N");
  }

  /** What stands before the N of a pattern. */
  static String start(String pattern) {
    int middle = pattern.indexOf(".N.");
    return pattern.substring(0, (middle < 0 ? pattern.length() - 2 : middle) + 1);
  }

  /** A pattern with a number for its N; itself if it has none. */
  static String numbered(String pattern, int number) {
    if (!isNumbered(pattern)) {
      return pattern;
    }
    String start = start(pattern);
    return start + number + pattern.substring(start.length() + 1);
  }

  /** Takes a name apart. */
  Numbered split(String name) {
    for (String start : starts) {
      if (name.startsWith(start)) {
        int end = start.length();
        while (end < name.length() && Character.isDigit(name.charAt(end))) {
          end++;
        }
        int digits = end - start.length();
        if (digits > 0 && digits < 5 && (end == name.length() || name.charAt(end) == '.')) {
          return new Numbered(
              start + "N" + name.substring(end),
              start,
              OptionalInt.of(Integer.parseInt(name.substring(start.length(), end))));
        }
      }
    }
    return new Numbered(name, "", OptionalInt.empty());
  }
}
