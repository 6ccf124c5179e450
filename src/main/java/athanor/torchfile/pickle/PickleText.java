package athanor.torchfile.pickle;

import athanor.torchfile.pickle.PickleValue.Text;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * The four ways in which pickles write texts, decoded as Python does, except that byte strings of
 * Python 2 become texts in Latin-1.
 */
final class PickleText {

  private PickleText() {}

  /** UTF-8 in which lone surrogates may occur; empty when it is anything else. */
  static Optional<Text> utf8(byte[] bytes) {
    try {
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return Optional.of(new Text(text, true));
    } catch (CharacterCodingException e) {
      return withSurrogates(bytes).map(text -> new Text(text, false));
    }
  }

  /**
   * A surrogate is three bytes {@code ED A0..BF 80..BF}; each is set aside as a replacement
   * character, and the rest must be proper.
   */
  private static Optional<String> withSurrogates(byte[] bytes) {
    byte[] patched = bytes.clone();
    for (int i = 0; i + 2 < bytes.length; i++) {
      boolean surrogate =
          (bytes[i] & 0xFF) == 0xED
              && (bytes[i + 1] & 0xE0) == 0xA0
              && (bytes[i + 2] & 0xC0) == 0x80;
      if (surrogate) {
        patched[i] = (byte) 0xEF;
        patched[i + 1] = (byte) 0xBF;
        patched[i + 2] = (byte) 0xBD;
      }
    }
    try {
      return Optional.of(
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(patched)).toString());
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }

  /** A byte string of Python 2. */
  static Text latin1(byte[] bytes) {
    return new Text(new String(bytes, StandardCharsets.ISO_8859_1), true);
  }

  /** A quoted byte string with escapes, as protocol 0 writes them; empty when badly quoted. */
  static Optional<Text> quoted(byte[] line) {
    String text = new String(line, StandardCharsets.ISO_8859_1).strip();
    int last = text.length() - 1;
    boolean isQuoted =
        last >= 1
            && text.charAt(0) == text.charAt(last)
            && (text.charAt(0) == '\'' || text.charAt(0) == '"');
    return isQuoted
        ? unescape(text.substring(1, last)).map(s -> new Text(s, true))
        : Optional.empty();
  }

  private static Optional<String> unescape(String text) {
    var plain = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c != '\\') {
        plain.append(c);
        continue;
      }
      if (++i == text.length()) {
        return Optional.empty();
      }
      char escape = text.charAt(i);
      int known = "\\'\"abfnrtv".indexOf(escape);
      if (known >= 0) {
        plain.append("\\'\"\u0007\b\f\n\r\t\u000B".charAt(known));
      } else if (escape == 'x') {
        int value = number(text, i + 1, 2, 16);
        if (value < 0) {
          return Optional.empty();
        }
        plain.append((char) value);
        i += 2;
      } else if (escape >= '0' && escape <= '7') {
        int digits = octalDigits(text, i);
        plain.append((char) (number(text, i, digits, 8) & 0xFF));
        i += digits - 1;
      } else {
        plain.append('\\').append(escape);
      }
    }
    return Optional.of(plain.toString());
  }

  private static int octalDigits(String text, int from) {
    int digits = 0;
    while (digits < 3
        && from + digits < text.length()
        && Character.digit(text.charAt(from + digits), 8) >= 0) {
      digits++;
    }
    return digits;
  }

  /** Latin-1 with escapes for everything beyond, as protocol 0 writes Unicode. */
  static Optional<Text> rawUnicodeEscape(byte[] line) {
    String text = new String(line, StandardCharsets.ISO_8859_1);
    var plain = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      char next = c == '\\' && i + 1 < text.length() ? text.charAt(i + 1) : 0;
      int digits = next == 'u' ? 4 : next == 'U' ? 8 : 0;
      if (digits == 0) {
        plain.append(c);
        continue;
      }
      int point = number(text, i + 2, digits, 16);
      if (point < 0 || point > Character.MAX_CODE_POINT) {
        return Optional.empty();
      }
      plain.appendCodePoint(point);
      i += 1 + digits;
    }
    String result = plain.toString();
    boolean loneSurrogates =
        result
            .codePoints()
            .anyMatch(p -> p >= Character.MIN_SURROGATE && p <= Character.MAX_SURROGATE);
    return Optional.of(new Text(result, !loneSurrogates));
  }

  /** The value of exactly {@code digits} digits, or −1. */
  private static int number(String text, int from, int digits, int radix) {
    if (from + digits > text.length()) {
      return -1;
    }
    long value = 0;
    for (int i = from; i < from + digits; i++) {
      int digit = Character.digit(text.charAt(i), radix);
      if (digit < 0) {
        return -1;
      }
      value = value * radix + digit;
    }
    return value > Integer.MAX_VALUE ? -1 : (int) value;
  }
}
