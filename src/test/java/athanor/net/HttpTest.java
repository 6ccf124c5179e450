package athanor.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.error.Problem;
import athanor.progress.Cancellation;
import athanor.testkit.web.FakeServer;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HttpTest {
  private static final Secret TOKEN = Secret.of("tok3n-that-must-not-leak");

  private final FakeServer own = new FakeServer();
  private final FakeServer other = new FakeServer();
  private final List<String> notices = new CopyOnWriteArrayList<>();
  private final Http http = Http.open(settings(Map.of()));

  private HttpSettings settings(Map<String, String> environment) {
    return HttpSettings.from(environment, notices::add)
        .with(
            new HttpSettings.Retries(
                3, Duration.ofMillis(5), Duration.ofMillis(10), Duration.ofSeconds(2), 1))
        .with(
            new HttpSettings.Timeouts(
                Duration.ofSeconds(1), Duration.ofMillis(400), Duration.ofMillis(300)));
  }

  @AfterEach
  void stop() {
    http.close();
    own.close();
    other.close();
  }

  private Call call(String path) {
    Credential credential = Credential.bearer(TOKEN, Set.of(Origin.of(own.address())), "HF_TOKEN");
    return Call.get(URI.create(own.address() + path)).with(credential);
  }

  private static void redirect(FakeServer server, String path, String location) {
    server.handle(
        path,
        (exchange, body) -> {
          exchange.getResponseHeaders().set("Location", location);
          exchange.sendResponseHeaders(302, -1);
        });
  }

  private static void text(FakeServer server, String path, int status, String text) {
    server.handle(
        path,
        (exchange, body) ->
            FakeServer.send(exchange, status, "text/plain", text.getBytes(StandardCharsets.UTF_8)));
  }

  private static Problem explain(Refusal refusal) {
    return Problem.of(Kind.NETWORK, refusal.shown());
  }

  @Test
  void sendsACredentialOnlyToItsOrigin() throws IOException {
    redirect(own, "/a", "/b");
    redirect(own, "/b", other.address() + "/c");
    redirect(other, "/c", own.address() + "/d");
    text(own, "/d", 200, "done");

    try (Reply reply = http.send(call("/a").range(0, 9), new Cancellation())) {
      assertThat(reply.status()).isEqualTo(200);
      assertThat(reply.address().getPath()).isEqualTo("/d");
    }
    assertThat(own.log()).hasSize(3).allMatch(seen -> seen.head().contains(TOKEN.reveal()));
    assertThat(own.log()).allMatch(seen -> seen.head().contains("bytes=0-9"));
    assertThat(other.log()).hasSize(1).noneMatch(seen -> seen.head().contains("uthorization"));
    assertThat(other.log().getFirst().head()).contains("bytes=0-9");
  }

  @Test
  void tellsWhoItIsWithoutBrowserWords() throws IOException {
    text(own, "/x", 200, "");

    http.send(call("/x"), new Cancellation()).close();

    String head = own.log().getFirst().head();
    assertThat(head).contains("User-agent: [athanor/0.1 (Java ").contains("identity");
    assertThat(head.toLowerCase())
        .doesNotContainPattern("mozilla|chrome|safari|firefox|opera|edge|content-length|upgrade");
  }

  @Test
  void endsARedirectLoop() {
    redirect(own, "/a", "/a");

    assertThatThrownBy(() -> http.send(call("/a"), new Cancellation()))
        .hasMessageContaining("leads in circles");
    assertThat(own.log()).hasSizeLessThan(13);
  }

  @Test
  void asksOnceWhereARedirectLeadsOutOfTheWeb() {
    for (String location :
        new String[] {
          "file:///etc/passwd",
          "ftp://h.org/x",
          "javascript:alert(1)",
          "http:///x",
          "data:,x",
          "http://h.org:99999/"
        }) {
      String path = "/a" + own.log().size();
      redirect(own, path, location);
      int before = own.log().size();

      assertThatThrownBy(() -> http.fetch(call(path), HttpTest::explain, new Cancellation()))
          .as(location)
          .isInstanceOf(AthanorException.class)
          .hasMessageContaining("not a web address")
          .hasMessageContaining("never followed");
      assertThat(own.log()).as(location).hasSize(before + 1);
    }
  }

  @Test
  void givesUpOnAnAnswerThatDoesNotEnd() {
    own.handle(
        "/slow",
        (exchange, body) -> {
          exchange.sendResponseHeaders(200, 0);
          for (int i = 0; i < 600; i++) {
            exchange.getResponseBody().write(" ".repeat(5000).getBytes(StandardCharsets.UTF_8));
            exchange.getResponseBody().flush();
            Interruptions.sleep(20);
          }
        });
    long start = System.nanoTime();

    assertThatThrownBy(() -> http.json(call("/slow"), HttpTest::explain, new Cancellation()))
        .hasMessageContaining("has not ended its answer");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(9));
  }

  @Test
  void refusesToBeRedirectedFromTheInternetIntoAPrivateNetwork() {
    // The fake stands in for a proxy, so that the request can begin at a public name.
    other.handle(
        "/",
        (exchange, body) -> {
          exchange.getResponseHeaders().set("Location", "http://169.254.169.254/latest/meta-data");
          exchange.sendResponseHeaders(302, -1);
        });
    String proxy = other.address().getHost() + ":" + other.address().getPort();
    try (Http proxied = Http.open(settings(Map.of("http_proxy", proxy)))) {
      assertThatThrownBy(() ->
              proxied.send(Call.get(URI.create("http://models.invalid/x")), new Cancellation()))
          .hasMessageContaining("private network");
    }
    assertThat(other.log()).hasSize(1);
    assertThat(other.log().getFirst().target()).isEqualTo("http://models.invalid/x");
  }

  @Test
  void neverRepeatsATokenThatTheServerEchoes() throws IOException {
    text(own, "/x", 400, "your token " + TOKEN.reveal() + " is \u001b[31mbad");

    try (Reply reply = http.send(call("/x"), new Cancellation())) {
      assertThat(reply.refusal().shown()).isEqualTo("HTTP 400, your token [secret] is [31mbad");
    }
  }

  @Test
  void readsReasonsFromEveryKindOfAnswer() throws IOException {
    text(own, "/json", 403, "{\"error\":\"Early Access\",\"message\":\"wait\"}");
    text(own, "/xml", 403, "<Error><Code>AccessDenied</Code><Message>expired</Message></Error>");
    text(own, "/html", 500, "<html><head><title>Bad gateway</title></head></html>");

    assertThat(shown("/json")).isEqualTo("HTTP 403, Early Access: wait");
    assertThat(shown("/xml")).isEqualTo("HTTP 403 AccessDenied, expired");
    assertThat(shown("/html")).isEqualTo("HTTP 500, Bad gateway");
  }

  private String shown(String path) throws IOException {
    try (Reply reply = http.send(call(path), new Cancellation())) {
      return reply.refusal().shown();
    }
  }

  @Test
  void triesTransientAnswersAgainAndNoOthers() {
    text(own, "/busy", 503, "later");
    text(own, "/no", 403, "no");

    assertThatThrownBy(() -> http.json(call("/busy"), HttpTest::explain, new Cancellation()))
        .hasMessage("HTTP 503, later");
    assertThat(own.log()).hasSize(3);
    assertThatThrownBy(() -> http.json(call("/no"), HttpTest::explain, new Cancellation()))
        .hasMessage("HTTP 403, no");
    assertThat(own.log()).hasSize(4);
  }

  @Test
  void givesUpOnAServerThatDoesNotAnswer() {
    own.latency(Duration.ofSeconds(5));
    text(own, "/x", 200, "");

    assertThatThrownBy(() -> http.fetch(call("/x"), HttpTest::explain, new Cancellation()))
        .hasMessageContaining("no answer in time");
  }

  @Test
  void refusesAPageWhereDataWasAskedFor() {
    text(own, "/x", 200, "<html><title>Captive portal</title></html>");

    assertThatThrownBy(() -> http.json(call("/x"), HttpTest::explain, new Cancellation()))
        .hasMessageContaining("Captive portal");
  }

  @Test
  void stopsWaitingWhenCancelled() {
    own.latency(Duration.ofSeconds(5));
    text(own, "/x", 200, "");
    var cancellation = new Cancellation();
    Thread.ofVirtual()
        .start(() -> {
          Interruptions.sleep(100);
          cancellation.request();
        });

    assertThatThrownBy(() -> http.fetch(call("/x"), HttpTest::explain, cancellation))
        .hasMessageContaining("cancelled");
  }

  @Test
  void namesTheHostThatCannotBeFound() {
    assertThatThrownBy(() ->
            http.fetch(
                Call.get(URI.create("http://no-such-host.invalid/x?token=abc")),
                HttpTest::explain,
                new Cancellation()))
        .hasMessageContaining("no-such-host.invalid")
        .hasMessageContaining("cannot be resolved")
        .hasMessageNotContaining("abc");
  }

  @Test
  void namesTheProxyThatDoesNotAnswer() {
    try (Http proxied = Http.open(settings(Map.of("https_proxy", "127.0.0.1:9")))) {
      assertThatThrownBy(() ->
              proxied.fetch(
                  Call.get(URI.create("https://models.invalid/x")),
                  HttpTest::explain,
                  new Cancellation()))
          .hasMessageContaining("no answer from models.invalid through the proxy 127.0.0.1:9");
    }
  }

  @Test
  void goesAroundTheProxyWhereNoProxySaysSo() {
    String proxy = other.address().getHost() + ":" + other.address().getPort();
    Map<String, String> variables = Map.of("http_proxy", proxy, "NO_PROXY", "x.org, .invalid");
    try (Http direct = Http.open(settings(variables))) {
      assertThatThrownBy(() ->
              direct.fetch(
                  Call.get(URI.create("http://models.invalid/x")),
                  HttpTest::explain,
                  new Cancellation()))
          .hasMessageContaining("cannot be resolved")
          .hasMessageNotContaining(proxy);
    }
    assertThat(other.log()).isEmpty();
  }
}
