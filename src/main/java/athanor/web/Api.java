package athanor.web;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.error.MaskedText;
import athanor.error.Problem;
import athanor.net.Json;
import athanor.report.Event;
import athanor.report.JsonLine;
import athanor.report.Shown;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * What the page can ask for: each path with what answers it. Everything that changes something is a
 * POST with a JSON object; every answer is one line of JSON, of a failure the {@code error} event
 * of {@code --json}. Thread-safe.
 */
final class Api {
  static final String FOLDER = "/api/";

  /** The largest body; a paste is a page of text. */
  static final int MOST_BYTES = 1 << 18;

  private static final String JSON = "application/json";

  private final Map<String, Reading> readings;
  private final Map<String, Doing> doings;
  private final Consumer<String> defects;

  /** Answers a GET. */
  interface Reading {
    void answer(HttpExchange exchange) throws IOException;
  }

  /** Answers a POST. */
  interface Doing {
    Shown answer(Json asked);
  }

  /** Nothing more to say: the news comes with the state. */
  record Done() implements Shown {}

  /**
   * An interface.
   *
   * @param readings answers to GET by path
   * @param doings answers to POST by path
   * @param defects receives stack traces, without secrets
   */
  Api(Map<String, Reading> readings, Map<String, Doing> doings, Consumer<String> defects) {
    this.readings = Map.copyOf(readings);
    this.doings = Map.copyOf(doings);
    this.defects = defects;
  }

  /** Every path, with its method before it. */
  List<String> routes() {
    return Stream.concat(
            readings.keySet().stream().map(path -> "GET " + path),
            doings.keySet().stream().map(path -> "POST " + path))
        .sorted()
        .toList();
  }

  /** Answers a request that the guard let pass. */
  void answer(HttpExchange exchange) throws IOException {
    String path = exchange.getRequestURI().getRawPath();
    Reading reading = readings.get(path);
    Doing doing = doings.get(path);
    String method = reading != null ? "GET" : "POST";
    if (reading == null && doing == null) {
      Replies.text(exchange, 404, "there is nothing here");
    } else if (!exchange.getRequestMethod().equals(method)) {
      exchange.getResponseHeaders().set("Allow", method);
      Replies.text(exchange, 405, "this is answered to " + method + " only");
    } else if (reading != null) {
      read(exchange, reading);
    } else if (doing != null) {
      act(exchange, doing);
    }
  }

  private void read(HttpExchange exchange, Reading reading) throws IOException {
    try {
      reading.answer(exchange);
    } catch (RuntimeException e) {
      defects.accept(MaskedText.ofFailure(e));
      throw new IOException("an answer could not be made", e);
    }
  }

  private void act(HttpExchange exchange, Doing doing) throws IOException {
    String type = exchange.getRequestHeaders().getFirst("Content-Type");
    if (type == null || !type.replaceFirst(";.*", "").strip().equalsIgnoreCase(JSON)) {
      Replies.text(exchange, 415, "a request is " + JSON);
      return;
    }
    byte[] body = exchange.getRequestBody().readNBytes(MOST_BYTES + 1);
    if (body.length > MOST_BYTES) {
      Replies.text(exchange, 413, "a request has at most " + MOST_BYTES + " bytes");
      return;
    }
    Json asked;
    try {
      asked = Json.parse(body);
    } catch (IOException e) {
      fail(exchange, 400, Problem.usage("the request is not valid JSON"));
      return;
    }
    try {
      json(exchange, 200, JsonLine.of(doing.answer(asked)));
    } catch (AthanorException e) {
      fail(exchange, 400, e.problem());
    } catch (InvalidPathException e) {
      fail(exchange, 400, Problem.usage("this cannot be a file name here").at(e.getInput()));
    } catch (RuntimeException e) {
      defects.accept(MaskedText.ofFailure(e));
      fail(exchange, 500, Problem.of(Kind.BUG, "a defect of this program: " + e));
    }
  }

  private static void fail(HttpExchange exchange, int status, Problem problem) throws IOException {
    json(exchange, status, JsonLine.of(Event.Failure.of(problem)));
  }

  private static void json(HttpExchange exchange, int status, String line) throws IOException {
    Replies.send(exchange, status, JSON + "; charset=utf-8", line.getBytes(StandardCharsets.UTF_8));
  }
}
