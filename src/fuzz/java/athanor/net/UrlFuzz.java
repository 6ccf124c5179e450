package athanor.net;

import athanor.error.AthanorException;
import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Any text is an address that can be asked, shown and judged, or is refused. */
class UrlFuzz {
  private static final URI BASE = URI.create("https://93.184.216.34/a/b?c");

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "30s")
  void isAnAddressOrRefused(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    use(() -> Url.parse(text));
    use(() -> Url.resolve(BASE, text));
    ContentDisposition.fileName(text);
    ContentRange.parse(text);
    Validator.of(text);
  }

  private interface Reading {
    URI address() throws IOException;
  }

  private static void use(Reading reading) {
    try {
      URI address = reading.address();
      Url.shown(address);
      Url.query(address);
      String host = Origin.of(address).host();
      PrivateNetwork.isPrivateName(host);
      PrivateNetwork.isPrivateLiteral(host);
      PrivateNetwork.isOddlySpelled(host);
    } catch (AthanorException | IOException e) {
      // Refused.
    }
  }

  static List<byte[]> seeds() {
    return Stream.of(
            "https://user:pw@h.org:8443/a%20b/c?d=e&f#g",
            "//h.org/x",
            "http://0x7f.1/",
            "https://[::ffff:127.0.0.1]/",
            "attachment; filename*=UTF-8''a%20b; filename=\"c\"",
            "bytes 0-9/10",
            "\"etag\"")
        .map(text -> text.getBytes(StandardCharsets.UTF_8))
        .toList();
  }
}
