package athanor.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.error.AthanorException;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EnvironmentProxiesTest {
  private static Optional<String> proxy(Map<String, String> environment, String address) {
    return EnvironmentProxies.describe(EnvironmentProxies.of(environment), URI.create(address));
  }

  @Test
  void choosesByScheme() {
    Map<String, String> both = Map.of("http_proxy", "http://one:3128", "HTTPS_PROXY", "two:8080/");

    assertThat(proxy(both, "http://host/")).contains("one:3128");
    assertThat(proxy(both, "https://host/")).contains("two:8080");
  }

  @Test
  void prefersLowerCase() {
    Map<String, String> both = Map.of("https_proxy", "a:1", "HTTPS_PROXY", "b:2");

    assertThat(proxy(both, "https://host/")).contains("a:1");
  }

  @Test
  void takesAllProxyForTheRest() {
    assertThat(proxy(Map.of("ALL_PROXY", "http://a:1"), "https://host/")).contains("a:1");
  }

  @Test
  void leavesOutExceptions() {
    Map<String, String> environment =
        Map.of("https_proxy", "a:1", "no_proxy", "example.org, .corp.net,other.com:8443");

    assertThat(proxy(environment, "https://example.org/")).isEmpty();
    assertThat(proxy(environment, "https://www.example.org/")).isEmpty();
    assertThat(proxy(environment, "https://notexample.org/")).isPresent();
    assertThat(proxy(environment, "https://x.corp.net/")).isEmpty();
    assertThat(proxy(environment, "https://other.com/")).isPresent();
    assertThat(proxy(environment, "https://other.com:8443/")).isEmpty();
    assertThat(proxy(Map.of("https_proxy", "a:1", "NO_PROXY", "*"), "https://x/")).isEmpty();
  }

  @Test
  void neverReachesThisMachineThroughAProxy() {
    Map<String, String> environment = Map.of("http_proxy", "a:1");

    assertThat(proxy(environment, "http://localhost:8080/")).isEmpty();
    assertThat(proxy(environment, "http://127.0.0.1/")).isEmpty();
  }

  @Test
  void refusesSocksByName() {
    assertThatThrownBy(() -> EnvironmentProxies.of(Map.of("all_proxy", "socks5://a:1")))
        .isInstanceOf(AthanorException.class)
        .hasMessageContaining("all_proxy")
        .hasMessageContaining("socks5");
  }

  @Test
  void neverShowsAPassword() {
    assertThatThrownBy(() -> EnvironmentProxies.of(Map.of("http_proxy", "http://u:geheim@")))
        .isInstanceOf(AthanorException.class)
        .hasMessageNotContaining("geheim");
  }

  @Test
  void refusesWhatIsNoAddressOfAProxyWithoutShowingIt() {
    for (String value :
        new String[] {
          "http://proxy.lan:99999",
          "http://proxy.lan:0",
          "http://user:S3cret@proxy.lan:99999",
          "user:S3cret://proxy.lan",
          "http://user:S3cret@",
          "S3cret@@:"
        }) {
      assertThatThrownBy(() -> EnvironmentProxies.of(Map.of("http_proxy", value)))
          .as(value)
          .isInstanceOf(AthanorException.class)
          .hasMessageContaining("environment variable http_proxy")
          .hasMessageNotContaining("S3cret");
    }
  }
}
