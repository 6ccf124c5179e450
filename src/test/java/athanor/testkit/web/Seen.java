package athanor.testkit.web;

import athanor.net.Json;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/** A request as it arrived, remembered before it is answered, so that broken ones are here too. */
public final class Seen {
  private static final AtomicLong COUNT = new AtomicLong();

  private final long number = COUNT.incrementAndGet();
  private final String method;
  private final String target;
  private final Map<String, List<String>> headers;
  private final AtomicLong received = new AtomicLong();
  private volatile byte[] body = {};
  private volatile int status;

  Seen(HttpExchange exchange) {
    method = exchange.getRequestMethod();
    target = exchange.getRequestURI().toString();
    headers = new LinkedHashMap<>(exchange.getRequestHeaders());
  }

  /** Counts the requests to all servers, in their order. */
  public long number() {
    return number;
  }

  /** In capitals. */
  public String method() {
    return method;
  }

  /** Path and query, bytewise as sent. */
  public String target() {
    return target;
  }

  /** All headers as text, a line each. */
  public String head() {
    return headers.entrySet().stream()
        .map(header -> header.getKey() + ": " + header.getValue() + "\n")
        .collect(Collectors.joining());
  }

  /** All headers; names begin with a capital, the rest is small. */
  public Map<String, List<String>> headers() {
    return headers;
  }

  /** The first header of this name, which is written as in {@link #headers}. */
  public Optional<String> header(String name) {
    return Optional.ofNullable(headers.get(name)).map(List::getFirst);
  }

  /** How many bytes of the body have arrived, so far. */
  public long received() {
    return received.get();
  }

  /** The body if it was read as a whole; what storage receives is not kept here. */
  public byte[] body() {
    return body;
  }

  /** The body as one JSON document; {@link Json#NOTHING} if it is none. */
  public Json json() {
    try {
      return body.length == 0 ? Json.NOTHING : Json.parse(body);
    } catch (IOException e) {
      return Json.NOTHING;
    }
  }

  /** The body as JSON documents, one a line. */
  public List<Json> jsonLines() {
    return new String(body, StandardCharsets.UTF_8)
        .lines()
        .filter(line -> !line.isBlank())
        .map(line -> {
          try {
            return Json.parse(line.getBytes(StandardCharsets.UTF_8));
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        })
        .toList();
  }

  /** The status of the answer; 0 if there was none. */
  public int status() {
    return status;
  }

  void arrived(long bytes) {
    received.addAndGet(bytes);
  }

  void read(byte[] whole) {
    body = whole;
    received.set(whole.length);
  }

  void answered(int answer) {
    status = answer;
  }

  @Override
  public String toString() {
    return method + " " + target + " -> " + status;
  }
}
