package athanor.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.job.session.JobSettings;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Who may call the page, and what is refused; over plain sockets, as no client sends such things.
 */
class PageServerTest {
  private static final String JSON = "Content-Type: application/json";

  @TempDir Path home;
  private Page page;
  private PageClient client;
  private final List<String> answers = new ArrayList<>();

  @BeforeEach
  void open() {
    page = Page.open(new JobSettings(Map.of(), home, 1), home, 0, text -> {});
    client = new PageClient(page.address());
  }

  @AfterEach
  void noAnswerHoldsTheToken() {
    page.close();
    assertThat(answers).isNotEmpty().noneMatch(answer -> answer.contains(client.token()));
  }

  private String host() {
    return "Host: 127.0.0.1:" + client.port();
  }

  private String token() {
    return "X-Athanor-Token: " + client.token();
  }

  /** The answer to a request line with these headers and this body. */
  private String ask(String line, String body, String... headers) throws IOException {
    try (var socket =
        new Socket(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), client.port())) {
      String request =
          line + " HTTP/1.1\r\n" + String.join("\r\n", headers) + "\r\nConnection: close\r\n";
      if (!body.isEmpty()) {
        request += "Content-Length: " + body.length() + "\r\n";
      }
      socket.getOutputStream().write((request + "\r\n" + body).getBytes(StandardCharsets.UTF_8));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      answers.add(answer);
      return answer;
    }
  }

  private static int status(String answer) {
    return Integer.parseInt(answer.split(" ", 3)[1]);
  }

  @Test
  void thePageIsServedWithoutTheToken() throws IOException {
    for (String name : PageFiles.names()) {
      assertThat(status(ask("GET /" + name, "", host()))).as(name).isEqualTo(200);
    }
    assertThat(ask("GET /", "", "Host: localhost:" + client.port())).contains("<title>Athanor");
  }

  @Test
  void everythingElseNeedsTheToken() throws IOException {
    assertThat(page.routes()).hasSizeGreaterThan(10);
    for (String route : page.routes()) {
      assertThat(status(ask(route, "{}", host(), JSON))).as(route).isEqualTo(401);
      assertThat(status(ask(route, "{}", host(), JSON, "X-Athanor-Token: guess")))
          .as(route)
          .isEqualTo(401);
      assertThat(status(ask(route, "{}", host(), JSON, token(), token()))).as(route).isEqualTo(401);
    }
    assertThat(status(ask("GET /api/nothing", "", host()))).isEqualTo(401);
    assertThat(status(ask("GET /api/state", "", host(), token()))).isEqualTo(200);
  }

  @Test
  void aRequestToAnotherNameIsRefused() throws IOException {
    for (String path : List.of("/", "/api/state")) {
      assertThat(status(ask("GET " + path, "", "Host: evil.example", token()))).isEqualTo(421);
      assertThat(status(ask("GET " + path, "", "Host: 127.0.0.1", token()))).isEqualTo(421);
      assertThat(status(ask("GET " + path, "", host(), host(), token()))).isEqualTo(421);
      assertThat(status(ask("GET " + path, "", host() + "0", token()))).isEqualTo(421);
      assertThat(status(ask("GET " + path, "", token()))).isIn(400, 421);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Origin: http://evil.example",
        "Origin: null",
        "Origin: http://127.0.0.1:1",
        "Sec-Fetch-Site: cross-site",
        "Sec-Fetch-Site: same-site"
      })
  void aCallByAnotherSiteIsRefused(String header) throws IOException {
    assertThat(status(ask("GET /api/state", "", host(), token(), header))).isEqualTo(403);
    assertThat(status(ask("POST /api/clear", "{}", host(), token(), JSON, header))).isEqualTo(403);
    assertThat(status(ask("GET /app.js", "", host(), header))).isEqualTo(403);
  }

  @Test
  void theOwnPageMayCall() throws IOException {
    String own = "Origin: http://127.0.0.1:" + client.port();
    String site = "Sec-Fetch-Site: same-origin";
    assertThat(status(ask("POST /api/clear", "{}", host(), token(), JSON, own, site)))
        .isEqualTo(200);
  }

  @Test
  void aLinkToThePageMayStandAnywhere() throws IOException {
    String[] followed = {
      host(), "Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"
    };
    assertThat(status(ask("GET /", "", followed))).isEqualTo(200);
    assertThat(status(ask("GET /app.js", "", followed))).isEqualTo(403);
    String framed = "Sec-Fetch-Dest: iframe";
    assertThat(status(ask("GET /", "", host(), followed[1], followed[2], framed))).isEqualTo(403);
  }

  @Test
  void nothingIsAllowedToOtherSites() throws IOException {
    String answer =
        ask(
            "OPTIONS /api/paste",
            "",
            host(),
            "Origin: http://evil.example",
            "Access-Control-Request-Method: POST");
    assertThat(status(answer)).isEqualTo(403);
    assertThat(answer).doesNotContainIgnoringCase("access-control-allow");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/../Guard.class",
        "/%2e%2e/Guard.class",
        "/..%2fGuard.class",
        "/vendor/../index.html",
        "/vendor",
        "/vendor/",
        "//etc/passwd",
        "/files.txt",
        "/index.html%00.js",
        "/app.js/",
        "/page/app.js"
      })
  void onlyTheNamesOfFilesLeadToFiles(String path) throws IOException {
    assertThat(status(ask("GET " + path, "", host()))).isIn(400, 404);
  }

  @Test
  void otherMethodsAreRefused() throws IOException {
    for (String method : List.of("POST", "PUT", "DELETE", "TRACE", "PATCH")) {
      assertThat(status(ask(method + " /", "", host()))).as(method).isEqualTo(405);
    }
    assertThat(status(ask("GET /api/clear", "", host(), token()))).isEqualTo(405);
    assertThat(status(ask("PUT /api/clear", "{}", host(), token(), JSON))).isEqualTo(405);
    assertThat(status(ask("POST /api/state", "{}", host(), token(), JSON))).isEqualTo(405);
  }

  @Test
  void bodiesAreJsonAndSmall() throws IOException {
    String[] plain = {host(), token(), "Content-Type: text/plain"};
    assertThat(status(ask("POST /api/clear", "{}", plain))).isEqualTo(415);
    assertThat(status(ask("POST /api/clear", "{}", host(), token()))).isEqualTo(415);
    assertThat(status(ask("POST /api/clear", "{", host(), token(), JSON))).isEqualTo(400);
    assertThat(status(ask("POST /api/remove", "[1]", host(), token(), JSON))).isEqualTo(400);
    String large = "{\"text\":\"" + "x".repeat(Api.MOST_BYTES) + "\"}";
    assertThat(status(ask("POST /api/paste", large, host(), token(), JSON))).isEqualTo(413);
  }

  @Test
  void everyAnswerForbidsFramesAndForeignScripts() throws IOException {
    for (String path : List.of("/", "/nothing", "/api/state")) {
      String answer = ask("GET " + path, "", host(), token());
      assertThat(answer)
          .containsIgnoringCase("content-security-policy: default-src 'none'; script-src 'self'")
          .contains("frame-ancestors 'none'")
          .doesNotContain("unsafe")
          .containsIgnoringCase("x-content-type-options: nosniff")
          .containsIgnoringCase("referrer-policy: no-referrer");
    }
    assertThat(ask("GET /api/state", "", host(), token()))
        .containsIgnoringCase("cache-control: no-store");
  }

  @Test
  void aFileThatTheBrowserHasIsNotSentAgain() throws IOException {
    String head = ask("HEAD /app.js", "", host());
    assertThat(head.substring(head.indexOf("\r\n\r\n"))).isBlank();
    String tag = head.replaceFirst("(?is).*etag: (\\S+).*", "$1");
    String again = ask("GET /app.js", "", host(), "If-None-Match: " + tag);
    assertThat(status(again)).isEqualTo(304);
    assertThat(again).doesNotContain("import");
  }

  @Test
  void otherAddressesOfThisComputerAreNotServed() throws IOException {
    ask("GET /", "", host());
    var other = InetAddress.getByAddress(new byte[] {127, 0, 0, 2});
    assertThatThrownBy(() -> new Socket(other, client.port()).close())
        .isInstanceOf(ConnectException.class);
  }
}
