package athanor.net;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A {@code Content-Range} header (RFC 9110, 14.4).
 *
 * @param first first byte, or -1 for {@code bytes *}{@code /total}
 * @param last last byte, or -1
 * @param total size of the whole file, if the server knows it
 */
record ContentRange(long first, long last, OptionalLong total) {
  private static final Pattern FORM =
      Pattern.compile("\\s*bytes\\s+(?:(\\d{1,18})-(\\d{1,18})|\\*)/(?:(\\d{1,18})|\\*)\\s*");

  static Optional<ContentRange> parse(String header) {
    Matcher matcher = FORM.matcher(header);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    String total = matcher.group(3);
    OptionalLong size =
        total == null ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(total));
    if (matcher.group(1) == null) {
      return Optional.of(new ContentRange(-1, -1, size));
    }
    long first = Long.parseLong(matcher.group(1));
    long last = Long.parseLong(matcher.group(2));
    boolean sound = first <= last && (size.isEmpty() || last < size.getAsLong());
    return sound ? Optional.of(new ContentRange(first, last, size)) : Optional.empty();
  }
}
