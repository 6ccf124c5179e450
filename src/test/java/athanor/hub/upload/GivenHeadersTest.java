package athanor.hub.upload;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.net.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GivenHeadersTest {

  private static Json headers(String... namesAndValues) {
    Map<String, Json> fields = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      fields.put(namesAndValues[i], Json.of(namesAndValues[i + 1]));
    }
    return Json.of(fields);
  }

  @Test
  void takesWhatARequestCanCarry() {
    assertThat(GivenHeaders.of(headers("x-amz-meta-a", "1 2", "X-B", "c")).orElseThrow())
        .containsExactly(Map.entry("x-amz-meta-a", "1 2"), Map.entry("X-B", "c"));
    assertThat(GivenHeaders.of(Json.NOTHING).orElseThrow()).isEmpty();
  }

  @Test
  void leavesOutWhatIsNotTheStoragesBusiness() {
    for (String name :
        List.of(
            "Authorization",
            "Host",
            "Content-Length",
            "Connection",
            "Expect",
            "Upgrade",
            "Cookie",
            "transfer-encoding",
            "Content-Type",
            "User-Agent",
            "Range",
            "Accept-Encoding")) {
      assertThat(GivenHeaders.of(headers(name, "x")).orElseThrow()).as(name).isEmpty();
    }
  }

  @Test
  void refusesOddNamesAndValues() {
    for (String name :
        List.of("", " ", "a b", "a:b", "a\r\nX: 1", "\u00e9", "a\u0000", "x".repeat(101))) {
      assertThat(GivenHeaders.of(headers(name, "x"))).as(name).isEmpty();
    }
    for (String value :
        List.of("a\r\nX-Evil: 1", "\u0000", "\u00e9", "\u007f", "x".repeat(9_000))) {
      assertThat(GivenHeaders.of(headers("x-a", value))).as(value).isEmpty();
    }
  }

  @Test
  void refusesTwentyThousandHeadersAtOnce() {
    Map<String, Json> many = new LinkedHashMap<>();
    for (int i = 0; i < 20_000; i++) {
      many.put("x-" + i, Json.of("v"));
    }
    assertThat(GivenHeaders.of(Json.of(many))).isEmpty();
  }
}
