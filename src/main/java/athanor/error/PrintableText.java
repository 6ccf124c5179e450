package athanor.error;

import java.util.HexFormat;

/**
 * Text that came from a file or a server, made safe to show: a terminal must not obey escape
 * sequences hidden in a tensor's name, and a right-to-left override must not turn a name around.
 * What cannot be shown is written as an escape such as {@code \n} or {@code \u202e}, so nothing is
 * lost and nothing acts; except secrets, which {@link MaskedText} takes out.
 */
public final class PrintableText {
  private static final int NAME_CHARACTERS = 120;
  private static final int LINE_CHARACTERS = 300;

  private PrintableText() {}

  /**
   * {@code text} with control, bidirectional, invisible and unpaired characters escaped, and its
   * secrets masked.
   */
  public static String of(String text) {
    return escaped(MaskedText.of(text));
  }

  /** As {@link #of}, for a part of a message, which quotes no data. */
  static String ofMessage(String text) {
    return escaped(MaskedText.ofMessage(text));
  }

  private static String escaped(String text) {
    int firstBad = 0;
    while (firstBad < text.length() && isPlain(text.charAt(firstBad))) {
      firstBad++;
    }
    if (firstBad == text.length()) {
      return text;
    }
    var safe = new StringBuilder(text.length() + 16).append(text, 0, firstBad);
    int codePoint;
    for (int i = firstBad; i < text.length(); i += Character.charCount(codePoint)) {
      codePoint = text.codePointAt(i);
      append(safe, codePoint);
    }
    return safe.toString();
  }

  /** Like {@link #of}, and cut after {@code limit} characters with an ellipsis. */
  public static String of(String text, int limit) {
    String masked = MaskedText.of(text);
    if (masked.length() <= limit) {
      return escaped(masked);
    }
    int end = Character.isHighSurrogate(masked.charAt(limit - 1)) ? limit - 1 : limit;
    return escaped(masked.substring(0, end)) + "…";
  }

  /** A name from a file, cut to what a message can hold. */
  public static String ofName(String name) {
    return of(name, NAME_CHARACTERS);
  }

  /**
   * What a server wrote for people, such as the title of a page, as one line of at most 300
   * characters: what cannot be shown is left out, not escaped, and secrets are masked.
   */
  public static String line(String text) {
    var out = new StringBuilder();
    text.codePoints()
        .limit(4 * LINE_CHARACTERS)
        .map(point -> Character.isWhitespace(point) ? ' ' : point)
        .filter(PrintableText::isVisible)
        .forEach(out::appendCodePoint);
    // Masked before it is cut: half a token is still a secret.
    String line = MaskedText.of(out.toString()).strip().replaceAll(" {2,}", " ");
    return line.length() <= LINE_CHARACTERS ? line : line.substring(0, LINE_CHARACTERS - 1) + "…";
  }

  /** Whether a code point is seen, and the same everywhere: neither acts nor is private. */
  public static boolean isVisible(int codePoint) {
    return !acts(codePoint) && Character.getType(codePoint) != Character.PRIVATE_USE;
  }

  private static boolean isPlain(char c) {
    return c >= ' ' && c < 0x7f;
  }

  private static void append(StringBuilder safe, int codePoint) {
    switch (codePoint) {
      case '\n' -> safe.append("\\n");
      case '\r' -> safe.append("\\r");
      case '\t' -> safe.append("\\t");
      default -> {
        if (acts(codePoint)) {
          appendEscape(safe, codePoint);
        } else {
          safe.appendCodePoint(codePoint);
        }
      }
    }
  }

  /** Whether showing this character does something else than show a character. */
  private static boolean acts(int codePoint) {
    return switch (Character.getType(codePoint)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR,
          Character.UNASSIGNED ->
          true;
      default -> false;
    };
  }

  private static void appendEscape(StringBuilder safe, int codePoint) {
    for (char unit : Character.toChars(codePoint)) {
      safe.append("\\u").append(HexFormat.of().toHexDigits(unit));
    }
  }
}
