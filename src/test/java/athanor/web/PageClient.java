package athanor.web;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.net.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** The page's script, as far as HTTP shows it. */
public final class PageClient {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final HttpClient http = HttpClient.newHttpClient();
  private final String origin;
  private final String token;

  /** A client that was given this address. */
  public PageClient(String address) {
    origin = address.substring(0, address.indexOf("/#"));
    token = address.substring(address.indexOf('#') + 1);
  }

  public String token() {
    return token;
  }

  public int port() {
    return URI.create(origin).getPort();
  }

  /** Does something; the answer. */
  public HttpResponse<String> call(String path, Map<String, Json> fields) {
    return send(
        HttpRequest.newBuilder(URI.create(origin + "/api/" + path))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofByteArray(Json.of(fields).toBytes())));
  }

  /** Does something that must go well; the answer. */
  public Json done(String path, Map<String, Json> fields) {
    HttpResponse<String> answer = call(path, fields);
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    return parsed(answer.body());
  }

  public Json state() {
    return parsed(text("state"));
  }

  /** The text of what a path answers. */
  public String text(String path) {
    return send(HttpRequest.newBuilder(URI.create(origin + "/api/" + path)).GET()).body();
  }

  /** Hears the states that the server sends, until it ends. */
  public void follow(Consumer<String> states) {
    var request =
        HttpRequest.newBuilder(URI.create(origin + "/api/events"))
            .header(Guard.TOKEN_HEADER, token)
            .build();
    try (var lines = http.send(request, HttpResponse.BodyHandlers.ofLines()).body()) {
      lines
          .filter(line -> line.startsWith("data: "))
          .forEach(line -> states.accept(line.substring(6)));
    } catch (UncheckedIOException e) {
      // The server has ended.
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Waits for a state; fails with the last one. */
  public Json await(Predicate<Json> wanted) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    Json state = state();
    while (!wanted.test(state)) {
      assertThat(System.nanoTime()).as("the last state: " + shown(state)).isLessThan(end);
      sleep();
      state = state();
    }
    return state;
  }

  private static void sleep() {
    try {
      Thread.sleep(20);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return http.send(
          request.header(Guard.TOKEN_HEADER, token).timeout(PATIENCE).build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A document as text, for messages. */
  public static String shown(Json json) {
    return new String(json.toBytes(), StandardCharsets.UTF_8);
  }

  /** A text that must be a document. */
  public static Json parsed(String text) {
    try {
      return Json.parse(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new IllegalStateException(text, e);
    }
  }
}
