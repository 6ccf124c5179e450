package athanor.adapter;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A pattern for module names that comes from a file. It is a regular expression, as in PEFT, but
 * one that cannot keep the machine busy: repeated groups, counted repetition, back references and
 * look-around are refused, and so is a match that takes too many steps.
 */
final class AlphaPattern {
  private static final int MAX_LENGTH = 500;
  private static final int MAX_BRANCHES = 16;
  private static final int MAX_STEPS = 50_000;
  private static final Pattern UNSAFE = Pattern.compile("\\)[*+?{]|\\{|\\(\\?(?!:)|\\\\[1-9kQ]");

  private final Pattern pattern;

  private AlphaPattern(Pattern pattern) {
    this.pattern = pattern;
  }

  /**
   * Reads a pattern that must match a module's name or the end of it after a dot.
   *
   * @throws PatternSyntaxException if it is no regular expression, or one of those refused
   */
  static AlphaPattern parse(String text) {
    long branches = text.chars().filter(c -> "|*+?".indexOf(c) >= 0).count();
    if (text.length() > MAX_LENGTH || branches > MAX_BRANCHES || UNSAFE.matcher(text).find()) {
      throw new PatternSyntaxException("too complicated", text, -1);
    }
    return new AlphaPattern(Pattern.compile("(.*\\.)?(" + text + ")"));
  }

  /**
   * Whether a module's name matches.
   *
   * @throws PatternSyntaxException if that takes too many steps to find out
   */
  boolean matches(String module) {
    if (module.length() > MAX_LENGTH) {
      return false;
    }
    return pattern.matcher(new CountedText(module)).matches();
  }

  /** A text that may be looked at only so often. */
  private static final class CountedText implements CharSequence {
    private final String text;
    private int steps;

    CountedText(String text) {
      this.text = text;
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public char charAt(int index) {
      if (++steps > MAX_STEPS) {
        throw new PatternSyntaxException("takes too long", text, -1);
      }
      return text.charAt(index);
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return text.subSequence(start, end);
    }

    @Override
    public String toString() {
      return text;
    }
  }
}
