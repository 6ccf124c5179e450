package athanor.net;

import athanor.error.MaskedText;

/** Text from elsewhere, made fit for a terminal. */
public final class Printable {
  private static final int MOST = 300;
  private static final int LONGEST_READ = 4 * MOST;

  private Printable() {}

  /**
   * One line without control characters, escape sequences, direction overrides and secrets, at most
   * 300 characters long.
   */
  public static String line(String text) {
    var out = new StringBuilder();
    text.codePoints()
        .limit(LONGEST_READ)
        .map(point -> Character.isWhitespace(point) ? ' ' : point)
        .filter(Printable::isVisible)
        .forEach(out::appendCodePoint);
    // Masked before it is cut: half a token is still a secret.
    String line = MaskedText.of(out.toString()).strip().replaceAll(" {2,}", " ");
    return line.length() <= MOST ? line : line.substring(0, MOST - 1) + "…";
  }

  /** Whether a code point neither controls a terminal nor changes the direction of text. */
  public static boolean isVisible(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.UNASSIGNED ->
          false;
      default -> true;
    };
  }
}
