package athanor.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.error.AthanorException;
import athanor.testkit.web.PrivateAddresses;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AddressRulesTest {
  private static final URI PUBLIC = URI.create("http://93.184.216.34/x");

  private final AddressRules rules = new AddressRules();

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
          "224.0.0.1",
          "metadata.google.internal",
          "printer.local",
          "intranet"
        }) {
      assertThatThrownBy(() -> rules.check(PUBLIC, URI.create("http://" + host + "/"), false))
          .as(host)
          .isInstanceOf(AthanorException.class)
          .hasMessageContaining("private network");
    }
  }

  @Test
  void refusesTheWayFromEncryptedToOpen() {
    URI start = URI.create("https://93.184.216.34/x");

    assertThatThrownBy(() -> rules.check(start, PUBLIC, false)).hasMessageContaining("encrypted");
  }

  @Test
  void allowsTheRest() {
    assertThatCode(() -> rules.check(PUBLIC, URI.create("https://1.1.1.1/"), false))
        .doesNotThrowAnyException();
    assertThatCode(() ->
            rules.check(
                URI.create("http://127.0.0.1:1/"), URI.create("http://127.0.0.1:2/"), false))
        .doesNotThrowAnyException();
  }

  @Test
  void judgesNamesBehindAProxyOnlyByTheirText() {
    assertThatThrownBy(() -> rules.check(PUBLIC, URI.create("http://10.0.0.1/"), true))
        .isInstanceOf(AthanorException.class);
    assertThatThrownBy(() -> rules.check(PUBLIC, URI.create("http://nas.lan/"), true))
        .isInstanceOf(AthanorException.class);
    assertThatCode(() -> rules.check(PUBLIC, URI.create("http://intern.invalid/"), true))
        .doesNotThrowAnyException();
  }

  @Test
  void knowsPublicAddresses() throws UnknownHostException {
    for (String literal :
        new String[] {
          "8.8.8.8",
          "2606:4700::1111",
          "172.32.0.1",
          "100.128.0.1",
          "192.0.1.1",
          "198.20.0.1",
          "64:ff9b::808:808",
          "2002:808:808::1",
          "::ffff:8.8.8.8"
        }) {
      assertThat(PrivateNetwork.isPrivate(InetAddress.getByName(literal))).as(literal).isFalse();
    }
  }

  /** Behind a proxy and without one; some are no web address at all, which is as good. */
  @ParameterizedTest
  @MethodSource("privateAddresses")
  void aLinkFromAFileLeadsToThePublicInternetOnly(String text) {
    for (boolean proxied : new boolean[] {false, true}) {
      assertThatThrownBy(() -> rules.requirePublic(Url.parse(text), proxied))
          .as(text + (proxied ? " behind a proxy" : ""))
          .isInstanceOf(AthanorException.class);
    }
  }

  @ParameterizedTest
  @MethodSource("privateAddresses")
  void noRedirectFromTheInternetLeadsThere(String text) {
    URI start = URI.create("https://93.184.216.34/x");
    for (boolean proxied : new boolean[] {false, true}) {
      assertThatThrownBy(() -> rules.check(start, Url.resolve(start, text), proxied))
          .as(text + (proxied ? " behind a proxy" : ""))
          .isInstanceOfAny(AthanorException.class, IOException.class);
    }
  }

  static List<String> privateAddresses() {
    return PrivateAddresses.ALL;
  }

  @Test
  void saysWhatToDoAboutALinkFromAFile() {
    assertThatThrownBy(() -> rules.requirePublic(URI.create("https://10.0.0.1/x"), false))
        .isInstanceOfSatisfying(
            AthanorException.class,
            e -> {
              assertThat(e.problem().what()).contains("private network", "nothing was requested");
              assertThat(e.problem().help().orElseThrow()).contains("--allow-private");
            });
  }

  @Test
  void allowsAPublicLinkFromAFile() {
    for (String text :
        List.of(
            "https://93.184.216.34/x",
            "https://models.invalid:8443/x",
            "https://[2606:4700::1111]/")) {
      assertThatCode(() -> rules.requirePublic(URI.create(text), false))
          .as(text)
          .doesNotThrowAnyException();
    }
  }

  @Test
  void aNameThatLeadToTheInternetNeverLeadsIntoAPrivateNetworkLater() {
    Deque<String> answers = new ArrayDeque<>(List.of("93.184.216.34", "93.184.216.35", "10.0.0.1"));
    var rebinding =
        new AddressRules(host -> new InetAddress[] {InetAddress.getByName(answers.remove())});
    URI address = URI.create("http://models.invalid/x");

    rebinding.admit(address, false);
    rebinding.admit(address, false);

    assertThatThrownBy(() -> rebinding.admit(address, false))
        .isInstanceOf(AthanorException.class)
        .hasMessageContaining("leads into a private network now");
  }

  @Test
  void aNameThatHasToBePublicIsRefusedAtItsFirstConnection() {
    Map<String, String> names = new java.util.HashMap<>();
    var unknownAtFirst =
        new AddressRules(host -> {
          if (!names.containsKey(host)) {
            throw new UnknownHostException(host);
          }
          return new InetAddress[] {InetAddress.getByName(names.get(host))};
        });
    URI address = URI.create("https://models.invalid/x");
    unknownAtFirst.requirePublic(address, false);
    names.put("models.invalid", "169.254.169.254");

    assertThatThrownBy(() -> unknownAtFirst.admit(address, false))
        .isInstanceOf(AthanorException.class);
  }

  @Test
  void whatStartedInThePrivateNetworkMayStayThere() {
    var lan = new AddressRules(host -> new InetAddress[] {InetAddress.getByName("10.0.0.1")});
    URI address = URI.create("http://models.example.org/x");

    assertThatCode(
            () -> {
              lan.admit(address, false);
              lan.admit(address, false);
            })
        .doesNotThrowAnyException();
  }
}
