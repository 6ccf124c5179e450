package athanor.net;

import athanor.error.PrintableText;
import athanor.error.Problem;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/** Addresses as people paste them and as servers send them. */
public final class Url {
  private static final HexFormat HEX = HexFormat.of().withUpperCase();
  private static final int MOST_PORT = 65_535;
  private static final String UNRESERVED = "-._~";
  private static final String LEGAL = UNRESERVED + ":/?#@!$&'()*+,;=";

  private Url() {}

  /**
   * An http or https address; characters that may not stand in one are escaped, everything else,
   * escapes included, stays as it is.
   *
   * @throws athanor.error.AthanorException of kind USAGE if the text is no such address
   */
  public static URI parse(String text) {
    try {
      URI address = new URI(escapeIllegal(text.strip(), StandardCharsets.UTF_8));
      if (isWeb(address)) {
        return address;
      }
    } catch (URISyntaxException e) {
      // Said below, without the text of the library.
    }
    throw Problem.usage("not a web address")
        .found(PrintableText.line(text))
        .expected("https://…")
        .toException();
  }

  /**
   * Where a {@code Location} header leads; it may be relative or without scheme. A signed address
   * is never decoded and rebuilt, as that would break its signature.
   *
   * @throws IOException if it is no http or https address
   */
  static URI resolve(URI base, String location) throws IOException {
    try {
      // Header bytes arrive as Latin-1, so each character stands for one byte.
      URI target =
          base.resolve(new URI(escapeIllegal(location.strip(), StandardCharsets.ISO_8859_1)));
      if (isWeb(target)) {
        return target;
      }
    } catch (URISyntaxException | IllegalArgumentException e) {
      // Said below.
    }
    throw new IOException("redirected to something that is not a web address");
  }

  private static boolean isWeb(URI address) {
    String scheme = address.getScheme();
    return address.getHost() != null
        && address.getPort() <= MOST_PORT
        && address.getPort() != 0
        && ("http".equalsIgnoreCase(scheme) || "https".equalsIgnoreCase(scheme));
  }

  /** The address for messages: no user, query or fragment, which may hold secrets. */
  public static String shown(URI address) {
    return PrintableText.line(Origin.of(address) + decode(path(address)));
  }

  /** The raw path of the address, {@code /} at least. */
  public static String path(URI address) {
    String path = address.getRawPath();
    return path == null || path.isEmpty() ? "/" : path;
  }

  /** The decoded query parameters in order; of a repeated one the first. */
  public static Map<String, String> query(URI address) {
    Map<String, String> parameters = new LinkedHashMap<>();
    if (address.getRawQuery() != null) {
      for (String pair : address.getRawQuery().split("&")) {
        int equals = pair.indexOf('=');
        String name = decode(equals < 0 ? pair : pair.substring(0, equals));
        String value = equals < 0 ? "" : decode(pair.substring(equals + 1).replace('+', ' '));
        parameters.putIfAbsent(name, value);
      }
    }
    return parameters;
  }

  /** One path segment or query value, everything but unreserved characters escaped. */
  public static String encode(String segment) {
    var out = new StringBuilder();
    for (byte b : segment.getBytes(StandardCharsets.UTF_8)) {
      boolean plain = b >= 0 && (isAlphanumeric((char) b) || UNRESERVED.indexOf((char) b) >= 0);
      if (plain) {
        out.append((char) b);
      } else {
        escape(b, out);
      }
    }
    return out.toString();
  }

  /** A path whose segments are escaped and whose slashes are not. */
  public static String encodePath(String path) {
    return encode(path).replace("%2F", "/");
  }

  /** The text with valid escapes decoded as UTF-8; others stay. */
  public static String decode(String text) {
    var bytes = new ByteArrayOutputStream();
    for (int i = 0; i < text.length(); i++) {
      if (isEscape(text, i)) {
        bytes.write(HexFormat.fromHexDigits(text, i + 1, i + 3));
        i += 2;
      } else {
        int end = Character.isHighSurrogate(text.charAt(i)) ? i + 2 : i + 1;
        byte[] plain =
            text.substring(i, Math.min(end, text.length())).getBytes(StandardCharsets.UTF_8);
        bytes.writeBytes(plain);
        i = Math.min(end, text.length()) - 1;
      }
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static String escapeIllegal(String text, Charset charset) {
    int authority = text.indexOf("//");
    int start = authority < 0 ? 0 : authority + 2;
    while (authority >= 0 && start < text.length() && "/?#".indexOf(text.charAt(start)) < 0) {
      start++;
    }
    var out = new StringBuilder(text.substring(0, start));
    boolean inFragment = false;
    for (int i = start; i < text.length(); ) {
      int point = text.codePointAt(i);
      boolean secondHash = point == '#' && inFragment;
      boolean legal = point < 0x80 && (isAlphanumeric((char) point) || LEGAL.indexOf(point) >= 0);
      if ((legal && !secondHash) || isEscape(text, i)) {
        out.append((char) point);
        inFragment |= point == '#';
      } else {
        Charset fitting = point > 0xff ? StandardCharsets.UTF_8 : charset;
        for (byte b : Character.toString(point).getBytes(fitting)) {
          escape(b, out);
        }
      }
      i += Character.charCount(point);
    }
    return out.toString();
  }

  private static void escape(byte b, StringBuilder out) {
    out.append('%').append(HEX.toHexDigits(b));
  }

  private static boolean isEscape(String text, int at) {
    return text.charAt(at) == '%'
        && at + 2 < text.length()
        && HexFormat.isHexDigit(text.charAt(at + 1))
        && HexFormat.isHexDigit(text.charAt(at + 2));
  }

  private static boolean isAlphanumeric(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  }
}
