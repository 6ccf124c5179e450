package athanor.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.error.AthanorException;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;

class UrlTest {
  @Test
  void keepsSignedQueriesBytewise() {
    String signed = "https://s3.example/a%2Bb?X-Amz-Signature=%2B~%7E+x&p=a%2Fb";

    assertThat(Url.parse(signed)).hasToString(signed);
  }

  @Test
  void escapesOnlyWhatIsIllegal() {
    assertThat(Url.parse("https://host/my style|v2.safetensors?q=\"x\"&ü=1"))
        .hasToString("https://host/my%20style%7Cv2.safetensors?q=%22x%22&%C3%BC=1");
    assertThat(Url.parse("https://host/100%")).hasToString("https://host/100%25");
    assertThat(Url.parse("https://host/a[1].bin")).hasToString("https://host/a%5B1%5D.bin");
    assertThat(Url.parse("http://[::1]:80/x")).hasToString("http://[::1]:80/x");
  }

  @Test
  void refusesWhatIsNoWebAddress() {
    for (String text : new String[] {"ftp://host/x", "file:///etc/passwd", "https://", "x.bin"}) {
      assertThatThrownBy(() -> Url.parse(text)).isInstanceOf(AthanorException.class);
    }
  }

  @Test
  void resolvesLocationsOfEveryForm() throws IOException {
    URI base = URI.create("https://host/a/b?c=d");

    assertThat(Url.resolve(base, "/x y")).hasToString("https://host/x%20y");
    assertThat(Url.resolve(base, "//other/x")).hasToString("https://other/x");
    assertThat(Url.resolve(base, "z")).hasToString("https://host/a/z");
    assertThat(Url.resolve(base, "/\u00c3\u00bc")).hasToString("https://host/%C3%BC");
    assertThatThrownBy(() -> Url.resolve(base, "file:///etc/passwd"))
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> Url.resolve(base, "data:text/html,x")).isInstanceOf(IOException.class);
  }

  @Test
  void showsNeitherUserNorQueryNorControlCharacters() {
    URI address = Url.parse("https://alice:pw@host/a%1b[31mb?token=secret#x");

    assertThat(Url.shown(address)).isEqualTo("https://host/a[31mb");
  }

  @Test
  void readsQueries() {
    assertThat(Url.query(URI.create("https://h/?a=1&b=x%20y+z&a=2&c")))
        .isEqualTo(Map.of("a", "1", "b", "x y z", "c", ""));
  }

  @Test
  void encodesSegments() {
    assertThat(Url.encode("refs/pr/1")).isEqualTo("refs%2Fpr%2F1");
    assertThat(Url.encodePath("a b/ü.bin")).isEqualTo("a%20b/%C3%BC.bin");
    assertThat(Url.decode("a%20b%zz%C3%BC😀")).isEqualTo("a b%zzü😀");
  }

  @Test
  void refusesPortsThatCannotBe() {
    for (String text :
        new String[] {"https://h.org:99999/x", "https://h.org:0/", "http://h.org:65536"}) {
      assertThatThrownBy(() -> Url.parse(text)).as(text).isInstanceOf(AthanorException.class);
    }
    assertThat(Url.parse("https://h.org:65535/").getPort()).isEqualTo(65_535);
  }
}
