package athanor.net;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.error.Kind;
import athanor.error.Problem;
import java.io.IOException;
import java.net.ProxySelector;
import java.net.URI;
import java.security.cert.CertificateException;
import java.util.Map;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Test;

class PermanentFailureTest {
  private static final URI ADDRESS = URI.create("https://models.invalid/a?token=x");

  private final ProxySelector none = EnvironmentProxies.of(Map.of("no_proxy", "x"));

  private static IOException certificate(String reason) {
    var failure = new SSLHandshakeException("handshake");
    failure.initCause(new RuntimeException(new CertificateException(reason)));
    return failure;
  }

  @Test
  void aConnectionThatBreaksMayBeTriedAgain() {
    assertThat(PermanentFailure.of(none, ADDRESS, new IOException("Connection reset"))).isEmpty();
    assertThat(PermanentFailure.of(none, ADDRESS, new IOException())).isEmpty();
  }

  @Test
  void aCertificateForAnotherNameIsNamed() {
    for (String reason :
        new String[] {
          "No subject alternative DNS name matching models.invalid found.", "No name matching x"
        }) {
      Problem problem = PermanentFailure.of(none, ADDRESS, certificate(reason)).orElseThrow();
      assertThat(problem.kind()).isEqualTo(Kind.NETWORK);
      assertThat(problem.what()).isEqualTo("the certificate of models.invalid is for another name");
      assertThat(problem.help().orElseThrow()).contains("network login page");
      assertThat(problem.line()).doesNotContain("token");
    }
  }

  @Test
  void aCertificateThatNobodyKnowsIsExplained() {
    Problem problem =
        PermanentFailure.of(
                none,
                ADDRESS,
                certificate(
                    "PKIX path building failed: sun.security.provider.certpath"
                        + ".SunCertPathBuilderException: unable to find valid certification path"))
            .orElseThrow();
    assertThat(problem.found()).contains("nobody whom Java trusts has signed it");
    assertThat(problem.help().orElseThrow()).contains("SSL_CERT_FILE");
  }

  @Test
  void anyOtherReasonIsSaidWithoutTheNamesOfClasses() {
    Problem problem =
        PermanentFailure.of(
                none,
                ADDRESS,
                certificate("java.security.cert.CertificateExpiredException: expired"))
            .orElseThrow();
    assertThat(problem.found()).contains("expired");
  }

  @Test
  void aLoginThatIsRefusedIsThatOfTheProxy() {
    ProxySelector with =
        EnvironmentProxies.of(Map.of("https_proxy", "http://ann:word@proxy.invalid:3128"));
    Problem refused =
        PermanentFailure.of(
                with, ADDRESS, new IOException("too many authentication attempts. Limit: 3"))
            .orElseThrow();
    assertThat(refused.what()).isEqualTo("the proxy proxy.invalid:3128 does not accept the login");
    assertThat(refused.help().orElseThrow())
        .startsWith("set https_proxy=http://USER:PASSWORD@proxy.invalid:3128")
        .doesNotContain("word@");
  }

  @Test
  void aProxyThatWantsALoginIsSaidToWantOne() {
    ProxySelector without = EnvironmentProxies.of(Map.of("http_proxy", "proxy.invalid:8080"));
    Problem wanted = PermanentFailure.login(without, URI.create("http://models.invalid/"));
    assertThat(wanted.what()).isEqualTo("the proxy proxy.invalid:8080 wants a login");
    assertThat(wanted.help().orElseThrow()).startsWith("set http_proxy=");
  }

  @Test
  void aProxyThatNobodyNamedIsOnTheWay() {
    Problem problem = PermanentFailure.login(none, ADDRESS);
    assertThat(problem.what()).isEqualTo("the proxy on the way wants a login");
    assertThat(problem.help().orElseThrow()).contains("USER:PASSWORD@HOST:PORT");
  }
}
