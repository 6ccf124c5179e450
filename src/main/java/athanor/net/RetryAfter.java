package athanor.net;

import java.net.http.HttpHeaders;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How long a server asks to wait: {@code Retry-After} in seconds or as a date (RFC 9110, 10.2.3),
 * or the Hugging Face Hub's {@code RateLimit: "bucket";r=0;t=SECONDS} when nothing is left of the
 * quota.
 */
final class RetryAfter {
  private static final Pattern RATE_LIMIT = Pattern.compile("r=0\\s*;\\s*t=(\\d{1,9})");

  private RetryAfter() {}

  static Optional<Duration> of(HttpHeaders headers, Instant now) {
    return headers
        .firstValue("retry-after")
        .flatMap(text -> parse(text.strip(), now))
        .or(() -> headers.firstValue("ratelimit").flatMap(RetryAfter::rateLimit));
  }

  private static Optional<Duration> parse(String text, Instant now) {
    if (text.matches("\\d{1,9}")) {
      return Optional.of(Duration.ofSeconds(Long.parseLong(text)));
    }
    try {
      Instant then = ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
      Duration wait = Duration.between(now, then);
      return Optional.of(wait.isNegative() ? Duration.ZERO : wait);
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static Optional<Duration> rateLimit(String text) {
    Matcher matcher = RATE_LIMIT.matcher(text);
    return matcher.find()
        ? Optional.of(Duration.ofSeconds(Long.parseLong(matcher.group(1)) + 1))
        : Optional.empty();
  }
}
