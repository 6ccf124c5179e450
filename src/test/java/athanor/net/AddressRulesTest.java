package athanor.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.error.AthanorException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

class AddressRulesTest {
  private static final URI PUBLIC = URI.create("http://93.184.216.34/x");

  @Test
  void refusesTheWayFromTheInternetIntoAPrivateNetwork() {
    for (String host :
        new String[] {
          "127.0.0.1",
          "localhost",
          "[::1]",
          "10.1.2.3",
          "192.168.0.1",
          "172.16.0.1",
          "0.0.0.0",
          "169.254.169.254",
          "100.64.0.1",
          "2130706433",
          "[fc00::1]",
          "[::ffff:10.0.0.1]",
          "[64:ff9b::a00:1]",
          "[2002:a00:1::]",
          "[fe80::1]",
          "224.0.0.1"
        }) {
      assertThatThrownBy(
              () -> AddressRules.check(PUBLIC, URI.create("http://" + host + "/"), false))
          .as(host)
          .isInstanceOf(AthanorException.class)
          .hasMessageContaining("private network");
    }
  }

  @Test
  void refusesTheWayFromEncryptedToOpen() {
    URI start = URI.create("https://93.184.216.34/x");

    assertThatThrownBy(() -> AddressRules.check(start, PUBLIC, false))
        .hasMessageContaining("encrypted");
  }

  @Test
  void allowsTheRest() {
    assertThatCode(() -> AddressRules.check(PUBLIC, URI.create("https://1.1.1.1/"), false))
        .doesNotThrowAnyException();
    assertThatCode(() ->
            AddressRules.check(
                URI.create("http://127.0.0.1:1/"), URI.create("http://127.0.0.1:2/"), false))
        .doesNotThrowAnyException();
  }

  @Test
  void judgesNamesBehindAProxyOnlyByTheirText() {
    assertThatThrownBy(() -> AddressRules.check(PUBLIC, URI.create("http://10.0.0.1/"), true))
        .isInstanceOf(AthanorException.class);
    assertThatCode(() -> AddressRules.check(PUBLIC, URI.create("http://intern.invalid/"), true))
        .doesNotThrowAnyException();
  }

  @Test
  void knowsPublicAddresses() throws UnknownHostException {
    for (String literal :
        new String[] {"8.8.8.8", "2606:4700::1111", "172.32.0.1", "100.128.0.1"}) {
      assertThat(AddressRules.isPrivate(InetAddress.getByName(literal))).as(literal).isFalse();
    }
  }
}
