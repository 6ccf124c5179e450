package athanor.net;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The file name in a {@code Content-Disposition} header (RFC 6266, RFC 8187), also in the forms
 * that real servers send: raw UTF-8, blanks without quotes, escapes in the plain form. The name is
 * what the server says, path and all; make it safe before using it.
 */
public final class ContentDisposition {
  private ContentDisposition() {}

  /** The file name; empty if the header has none that can be decoded. */
  public static Optional<String> fileName(String header) {
    Map<String, String> parameters = parameters(header);
    return Optional.ofNullable(parameters.get("filename*"))
        .flatMap(ContentDisposition::extended)
        .or(() -> Optional.ofNullable(parameters.get("filename")).map(ContentDisposition::plain))
        .filter(name -> !name.isBlank());
  }

  private static Map<String, String> parameters(String header) {
    Map<String, String> parameters = new LinkedHashMap<>();
    int at = end(header, 0);
    while (at < header.length()) {
      int start = at + 1;
      int end = end(header, start);
      int equals = header.indexOf('=', start);
      if (equals >= start && equals < end) {
        String name = header.substring(start, equals).strip().toLowerCase(Locale.ROOT);
        parameters.putIfAbsent(name, unquote(header.substring(equals + 1, end).strip()));
      }
      at = end;
    }
    return parameters;
  }

  /** The next semicolon outside quotes, or the end. */
  private static int end(String header, int from) {
    boolean quoted = false;
    for (int i = from; i < header.length(); i++) {
      char c = header.charAt(i);
      if (c == '\\' && quoted) {
        i++;
      } else if (c == '"') {
        quoted = !quoted;
      } else if (c == ';' && !quoted) {
        return i;
      }
    }
    return header.length();
  }

  private static String unquote(String value) {
    if (value.length() < 2 || !value.startsWith("\"") || !value.endsWith("\"")) {
      return value;
    }
    return value.substring(1, value.length() - 1).replaceAll("\\\\(.)", "$1");
  }

  private static Optional<String> extended(String value) {
    String[] parts = value.split("'", 3);
    if (parts.length < 3 || parts[2].replaceAll("%[0-9A-Fa-f]{2}", "").indexOf('%') >= 0) {
      return Optional.empty();
    }
    if (parts[0].equalsIgnoreCase("UTF-8")) {
      String decoded = Url.decode(parts[2]);
      return decoded.indexOf('\uFFFD') < 0 ? Optional.of(decoded) : Optional.empty();
    }
    return parts[0].equalsIgnoreCase("ISO-8859-1")
        ? Optional.of(latin1(parts[2]))
        : Optional.empty();
  }

  private static String latin1(String escaped) {
    var out = new StringBuilder();
    for (int i = 0; i < escaped.length(); i++) {
      if (escaped.charAt(i) == '%') {
        out.append((char) Integer.parseInt(escaped.substring(i + 1, i + 3), 16));
        i += 2;
      } else {
        out.append(escaped.charAt(i));
      }
    }
    return out.toString();
  }

  private static String plain(String value) {
    String text = value;
    if (value.chars().allMatch(c -> c <= 0xff)) {
      byte[] bytes = value.getBytes(StandardCharsets.ISO_8859_1);
      text = decodeStrictly(bytes, StandardCharsets.UTF_8).orElse(value);
    }
    return text.contains("%") ? Url.decode(text) : text;
  }

  private static Optional<String> decodeStrictly(byte[] bytes, Charset charset) {
    try {
      return Optional.of(charset.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
  }
}
