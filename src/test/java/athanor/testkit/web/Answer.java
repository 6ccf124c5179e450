package athanor.testkit.web;

import athanor.net.Json;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An answer that has not been sent.
 *
 * @param status HTTP status
 * @param headers besides the length
 * @param body sent as it is, in UTF-8
 */
public record Answer(int status, Map<String, String> headers, String body) {

  /** Nothing but a status. */
  public static Answer status(int status) {
    return new Answer(status, Map.of(), "");
  }

  /** JSON. */
  public static Answer json(int status, Json body) {
    String text = new String(body.toBytes(), StandardCharsets.UTF_8);
    return new Answer(status, Map.of("Content-Type", "application/json"), text);
  }

  /** JSON with status 200 of these names and values: strings, numbers, truths, JSON, null. */
  public static Answer ok(Object... namesAndValues) {
    return json(200, object(namesAndValues));
  }

  /** A refusal as the hub words it: the message in a header and in the body. */
  public static Answer error(int status, String message) {
    return json(status, object("error", message)).with("X-Error-Message", message);
  }

  /** A refusal as S3 words it. */
  public static Answer xml(int status, String code, String message) {
    String body =
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>"
            + code
            + "</Code><Message>"
            + message
            + "</Message><RequestId>FAKE</RequestId></Error>";
    return new Answer(status, Map.of("Content-Type", "application/xml"), body);
  }

  /** With one more header. */
  public Answer with(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(name, value);
    return new Answer(status, more, body);
  }

  /** Without a header. */
  public Answer without(String name) {
    Map<String, String> fewer = new LinkedHashMap<>(headers);
    fewer.remove(name);
    return new Answer(status, fewer, body);
  }

  /** An object of these names and values: strings, numbers, truths, lists, JSON, null. */
  public static Json object(Object... namesAndValues) {
    Map<String, Json> fields = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      fields.put((String) namesAndValues[i], value(namesAndValues[i + 1]));
    }
    return Json.of(fields);
  }

  private static Json value(Object value) {
    return switch (value) {
      case Json json -> json;
      case Boolean truth -> new Json.Truth(truth);
      case Number number -> Json.of(number.longValue());
      case List<?> items -> new Json.Items(items.stream().map(Answer::value).toList());
      default -> Json.of(value.toString());
    };
  }

  void send(HttpExchange exchange, Seen seen) throws IOException {
    seen.answered(status);
    headers.forEach((name, value) -> exchange.getResponseHeaders().set(name, value));
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    boolean none = exchange.getRequestMethod().equals("HEAD") || bytes.length == 0;
    exchange.sendResponseHeaders(status, none ? -1 : bytes.length);
    if (!none) {
      exchange.getResponseBody().write(bytes);
    }
  }
}
