package athanor.torchfile;

/**
 * Text from a file, made fit for a message: short, and without characters that steer a terminal.
 */
final class Quote {
  private static final int SHOWN_CHARACTERS = 120;

  private Quote() {}

  static String of(String text) {
    var shown = new StringBuilder();
    text.codePoints().limit(SHOWN_CHARACTERS).forEach(point -> append(shown, point));
    if (text.codePointCount(0, text.length()) > SHOWN_CHARACTERS) {
      shown.append('…');
    }
    return shown.toString();
  }

  private static void append(StringBuilder shown, int point) {
    int type = Character.getType(point);
    boolean steers =
        type == Character.CONTROL
            || type == Character.FORMAT
            || type == Character.SURROGATE
            || type == Character.LINE_SEPARATOR
            || type == Character.PARAGRAPH_SEPARATOR;
    if (steers) {
      shown.append("\\u{").append(Integer.toHexString(point)).append('}');
    } else {
      shown.appendCodePoint(point);
    }
  }
}
