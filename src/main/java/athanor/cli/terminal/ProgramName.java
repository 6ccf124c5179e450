package athanor.cli.terminal;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the user types to start this program: {@code athanor}, {@code ./athanor} or another path.
 */
public final class ProgramName {
  private static final String USUAL = "athanor";

  /** What the launcher was called by; Java itself does not know. */
  private static final String CALLED = System.getProperty("athanor.name", USUAL);

  /** The program in front of a command or an option, not as a part of a path or of a sentence. */
  private static final Pattern COMMAND =
      Pattern.compile("(?<![\\w./@-])athanor(?= (?:[a-zA-Z]|-))");

  private ProgramName() {}

  /** The name for messages and help. */
  public static String called() {
    return CALLED;
  }

  /** The text with each command line in it as the user has to type it. */
  public static String in(String text) {
    return in(text, CALLED);
  }

  static String in(String text, String called) {
    return called.equals(USUAL)
        ? text
        : COMMAND.matcher(text).replaceAll(Matcher.quoteReplacement(shell(called)));
  }

  private static String shell(String name) {
    boolean plain = name.toLowerCase(Locale.ROOT).matches("[\\p{L}\\p{N}._/\\\\:~-]+");
    return plain ? name : '"' + name + '"';
  }
}
