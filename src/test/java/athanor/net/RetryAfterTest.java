package athanor.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpHeaders;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RetryAfterTest {
  private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");

  private static Optional<Duration> of(String name, String value) {
    return RetryAfter.of(HttpHeaders.of(Map.of(name, List.of(value)), (a, b) -> true), NOW);
  }

  @Test
  void readsSeconds() {
    assertThat(of("Retry-After", "17")).contains(Duration.ofSeconds(17));
  }

  @Test
  void readsDates() {
    assertThat(of("Retry-After", "Mon, 23 Nov 2026 10:01:30 GMT")).contains(Duration.ofSeconds(90));
    assertThat(of("Retry-After", "Mon, 23 Nov 2026 09:00:00 GMT")).contains(Duration.ZERO);
  }

  @Test
  void readsTheRateLimitOfHuggingFaceOnlyWhenNothingIsLeft() {
    assertThat(of("RateLimit", "\"resolvers\";r=0;t=57")).contains(Duration.ofSeconds(58));
    assertThat(of("RateLimit", "\"resolvers\";r=12;t=57")).isEmpty();
  }

  @Test
  void ignoresNonsense() {
    assertThat(of("Retry-After", "soon")).isEmpty();
    assertThat(of("Retry-After", "-1")).isEmpty();
  }
}
