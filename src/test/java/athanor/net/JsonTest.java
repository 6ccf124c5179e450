package athanor.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class JsonTest {
  private static Json parse(String text) throws IOException {
    return Json.parse(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void isLenientAboutWhatIsMissing() throws IOException {
    Json json = parse("{\"a\":{\"b\":[1,\"x\",true,null,1.5]}}");

    assertThat(json.get("a").get("b").items()).hasSize(5);
    assertThat(json.get("a").get("b").items().get(0).whole()).contains(1L);
    assertThat(json.get("a").get("b").items().get(4).whole()).isEmpty();
    assertThat(json.get("a").get("b").items().get(4).number()).contains(1.5);
    assertThat(json.get("x").get("y").text()).isEmpty();
    assertThat(json.get("x").items()).isEmpty();
  }

  @Test
  void writesWhatItReads() throws IOException {
    String text = "{\"a\":[1,\"\\u2028😀\",true,null,{\"b\":-2.5e3}]}";

    assertThat(parse(new String(parse(text).toBytes(), StandardCharsets.UTF_8)))
        .isEqualTo(parse(text));
  }

  @Test
  void refusesWhatIsNoDocument() {
    for (String text : new String[] {"", "{", "{\"a\":}", "[1,2", "{} x", "[".repeat(5000)}) {
      assertThatThrownBy(() -> parse(text)).as(text).isInstanceOf(IOException.class);
    }
  }
}
