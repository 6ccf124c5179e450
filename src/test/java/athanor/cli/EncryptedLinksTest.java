package athanor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.testkit.CommandLineRun;
import athanor.testkit.web.FakeProxy;
import athanor.testkit.web.FakeServer;
import athanor.testkit.web.FakeStorage;
import athanor.testkit.web.TestCertificate;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** https: certificates, and proxies that tunnel, some of which want a login. */
class EncryptedLinksTest extends LinkFixture {
  private static final String PASSWORD = "s3cret:pass@word";
  private static final String LOGIN = "bob:" + PASSWORD;
  private static final String ESCAPED = "bob:s3cret%3Apass%40word";

  @TempDir static Path certificates;
  private static Optional<TestCertificate> certificate = Optional.empty();
  private final FakeStorage storage = new FakeStorage(certificate);
  private final FakeProxy open = new FakeProxy(storage.address(), Optional.empty());
  private final FakeProxy closed = new FakeProxy(storage.address(), Optional.of(LOGIN));

  @BeforeAll
  static void makeCertificate() {
    certificate =
        Optional.of(
            TestCertificate.make(certificates, "dns:models.test,dns:localhost,ip:127.0.0.1"));
  }

  @AfterEach
  void stop() {
    open.close();
    closed.close();
    storage.close();
  }

  private String link() {
    var blob = blob(write(lora(TO_Q), "pixel"));
    storage.put(blob);
    return storage.sign(blob).toString();
  }

  /** A link to a host that only a proxy can find. */
  private String faraway() {
    URI address = URI.create(link());
    return "https://models.test" + address.getRawPath() + "?" + address.getRawQuery();
  }

  private void trust() {
    set("SSL_CERT_FILE", certificate.orElseThrow().pem().toString());
  }

  private CommandLineRun get(String link) {
    CommandLineRun run = run("get", link, "--to", home.resolve("models").toString());
    assertThat(run.out() + run.err())
        .doesNotContain(PASSWORD, "s3cret", "word")
        .doesNotContain(Base64.getEncoder().encodeToString(LOGIN.getBytes()));
    return run;
  }

  private void assertArrived(CommandLineRun run) {
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(Path.of(run.out().strip()))
        .hasSameBinaryContentAs(home.resolve("pixel.safetensors"));
  }

  @Test
  void downloadsFromAServerWhoseCertificateTheUserTrusts() {
    trust();
    assertArrived(get(link()));
  }

  @Test
  void takesTheVariableOfPythonAsWell() {
    set("REQUESTS_CA_BUNDLE", certificate.orElseThrow().pem().toString());
    assertArrived(get(link()));
  }

  @Test
  void saysAtOnceWhatToDoAboutAnUnknownCertificate() {
    CommandLineRun run = get(link());
    assertThat(run.code()).isEqualTo(5);
    assertThat(run.err())
        .contains("certificate of 127.0.0.1 is not trusted", "help: ", "SSL_CERT_FILE")
        .doesNotContain("trying again", "PKIX", "sun.security");
    assertThat(home.resolve("models")).doesNotExist();
  }

  @Test
  void refusesACertificateForAnotherName() {
    trust();
    set("https_proxy", open.address());
    CommandLineRun run = get(faraway().replace("models.test", "other.test"));
    assertThat(run.code()).isEqualTo(5);
    assertThat(run.err())
        .contains("the certificate of other.test is for another name")
        .doesNotContain("trying again");
    assertThat(storage.log()).isEmpty();
  }

  @Test
  void saysWhichVariableNamesNoCertificates() throws Exception {
    Path text = Files.writeString(home.resolve("no.pem"), "nonsense");
    set("SSL_CERT_FILE", text.toString());
    CommandLineRun run = get(link());
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("SSL_CERT_FILE", text.toString(), "a PEM file");
    set("SSL_CERT_FILE", home.resolve("missing.pem").toString());
    assertThat(get(link()).code()).isEqualTo(2);
  }

  @Test
  void tunnelsThroughAProxy() {
    trust();
    set("HTTPS_PROXY", "http://" + open.address());
    assertArrived(get(faraway()));
    assertThat(open.log())
        .isNotEmpty()
        .allMatch(head -> head.startsWith("CONNECT models.test:443"));
    assertThat(open.log()).noneMatch(head -> head.contains("X-Amz"));
  }

  @Test
  void logsInAtAProxy() {
    trust();
    set("https_proxy", "http://" + ESCAPED + "@" + closed.address());
    assertArrived(get(faraway()));
    assertThat(storage.log()).noneMatch(seen -> seen.head().contains("roxy"));
  }

  @Test
  void saysThatAProxyWantsALogin() {
    trust();
    set("https_proxy", "http://" + closed.address());
    CommandLineRun run = get(faraway());
    assertThat(run.code()).isEqualTo(5);
    assertThat(run.err())
        .contains("the proxy " + closed.address() + " wants a login", "help: ")
        .contains("https_proxy=http://USER:PASSWORD@" + closed.address())
        .doesNotContain("trying again");
  }

  @Test
  void saysThatAProxyDoesNotAcceptTheLogin() {
    trust();
    set("https_proxy", "http://bob:wrong-s3cret@" + closed.address());
    CommandLineRun run = get(faraway());
    assertThat(run.code()).isEqualTo(5);
    assertThat(run.err())
        .contains("the proxy " + closed.address() + " does not accept the login", "https_proxy")
        .doesNotContain("trying again", "wrong-s3cret");
    assertThat(closed.log()).hasSizeLessThan(6);
  }

  @Test
  void logsInAtAProxyForOpenConnections() {
    try (FakeServer site = new FakeServer();
        FakeProxy proxy = new FakeProxy(site.address(), Optional.of(LOGIN))) {
      byte[] content = bytes(write(lora(TO_Q), "pixel"));
      site.handle("/", (exchange, body) -> FakeServer.send(exchange, 200, "x/y", content));
      set("http_proxy", "http://" + ESCAPED + "@" + proxy.address());
      assertArrived(get("http://models.test/pixel.safetensors"));

      set("http_proxy", "http://bob:wrong@" + proxy.address());
      assertThat(get("http://models.test/pixel.safetensors").err())
          .contains("does not accept the login");
      set("http_proxy", "http://" + proxy.address());
      assertThat(get("http://models.test/pixel.safetensors").err()).contains("wants a login");
    }
  }

  private static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void triesAgainWhenAProxyBreaksOff() {
    trust();
    set("https_proxy", open.address());
    open.breakOff(1);
    assertArrived(get(faraway()));
  }

  @Test
  void refusesToBeLedFromAnEncryptedToAnOpenConnection() {
    trust();
    try (FakeServer door = new FakeServer(certificate);
        FakeServer site = new FakeServer()) {
      door.handle(
          "/",
          (exchange, body) -> {
            exchange.getResponseHeaders().set("Location", site.address() + "/x.safetensors");
            exchange.sendResponseHeaders(302, -1);
          });
      CommandLineRun run = get(door.address() + "/x.safetensors");
      assertThat(run.code()).isEqualTo(5);
      assertThat(run.err()).contains("from an encrypted to an open connection");
      assertThat(site.log()).isEmpty();
    }
  }
}
