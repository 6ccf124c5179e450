package athanor.hub.upload;

import athanor.net.Json;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** The headers that the Hub wants an object to be sent with, as far as they can be sent. */
final class GivenHeaders {
  private static final int MOST = 100;
  private static final int LONGEST = 8 << 10;

  /** RFC 9110, 5.6.2. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}");

  private static final Pattern VALUE = Pattern.compile("[\\x20-\\x7e\\t]*");

  /** Set by this program or its connection, or none of the storage's business. */
  private static final Set<String> NEVER_SENT =
      Set.of(
          "accept-encoding",
          "authorization",
          "connection",
          "content-length",
          "content-type",
          "cookie",
          "expect",
          "host",
          "keep-alive",
          "proxy-authorization",
          "range",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "user-agent");

  private GivenHeaders() {}

  /** By name, in their order; empty if there are too many, or one that no request can carry. */
  static Optional<Map<String, String>> of(Json given) {
    Map<String, String> headers = new LinkedHashMap<>();
    if (!(given instanceof Json.Fields fields)) {
      return Optional.of(headers);
    }
    if (fields.fields().size() > MOST) {
      return Optional.empty();
    }
    for (Map.Entry<String, Json> field : fields.fields().entrySet()) {
      String name = field.getKey();
      String value = field.getValue().text().orElse("");
      boolean sound =
          NAME.matcher(name).matches()
              && value.length() <= LONGEST
              && VALUE.matcher(value).matches();
      if (!sound) {
        return Optional.empty();
      }
      if (!value.isEmpty() && !NEVER_SENT.contains(name.toLowerCase(Locale.ROOT))) {
        headers.put(name, value);
      }
    }
    return Optional.of(headers);
  }
}
