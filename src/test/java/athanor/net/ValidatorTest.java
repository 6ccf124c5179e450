package athanor.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpHeaders;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ValidatorTest {
  private static final String DATE = "Tue, 15 Nov 1994 12:45:26 GMT";

  private static Reply reply(String... headers) {
    Map<String, List<String>> map = new java.util.HashMap<>();
    for (int i = 0; i < headers.length; i += 2) {
      map.put(headers[i], List.of(headers[i + 1]));
    }
    URI address = URI.create("https://h.invalid/");
    return new Reply(
        Call.get(address),
        address,
        206,
        HttpHeaders.of(map, (a, b) -> true),
        java.io.InputStream.nullInputStream(),
        java.time.Duration.ofSeconds(1));
  }

  @Test
  void isTheTagElseTheTime() {
    assertThat(Validator.of(reply("ETag", "\"a\"", "Last-Modified", DATE)).orElseThrow().text())
        .isEqualTo("\"a\"");
    assertThat(Validator.of(reply("Last-Modified", DATE)).orElseThrow().text()).isEqualTo(DATE);
    assertThat(Validator.of(reply("ETag", "no quotes"))).isEmpty();
    assertThat(Validator.of(reply())).isEmpty();
  }

  @Test
  void ofAStrangersStateIsTakenOnlyWhatAHeaderMayCarry() {
    for (String text : List.of("\"a\r\nX-Evil: 1\"", "\"\u0001\"", "\"\u20ac\"", "x", "\"a", "")) {
      assertThat(Validator.of(text)).as(text).isEmpty();
    }
  }

  @Test
  void weakTagsAreNoConditionOfARange() {
    assertThat(Validator.of("W/\"a\"").orElseThrow().forIfRange()).isEmpty();
    assertThat(Validator.of("\"a\"").orElseThrow().forIfRange()).contains("\"a\"");
    assertThat(Validator.of(DATE).orElseThrow().forIfRange()).contains(DATE);
  }

  @Test
  void anAnswerHasToRepeatATagAndMayLeaveOutATime() {
    Validator tag = Validator.of("\"a\"").orElseThrow();
    assertThat(tag.fits(reply("ETag", "\"a\""))).isTrue();
    assertThat(tag.fits(reply("ETag", "\"b\""))).isFalse();
    assertThat(tag.fits(reply("Last-Modified", DATE))).isFalse();
    Validator time = Validator.of(DATE).orElseThrow();
    assertThat(time.fits(reply("Last-Modified", DATE))).isTrue();
    assertThat(time.fits(reply("Last-Modified", "Wed, 16 Nov 1994 12:45:26 GMT"))).isFalse();
    assertThat(time.fits(reply("ETag", "\"a\""))).isTrue();
  }
}
