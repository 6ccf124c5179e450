package athanor.net;

import athanor.error.PrintableText;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A server's answer that is not the one hoped for, with the little of it that a message needs; free
 * of secrets and control characters.
 *
 * @param address who answered, at the end of the redirects
 * @param status HTTP status
 * @param text what the server says about it, may be empty
 * @param code the server's short code ({@code X-Error-Code}, or the code of an XML error)
 * @param requestId what the operators of the server need to find the request
 * @param headers of the answer
 * @param body the answer as JSON, {@link Json#NOTHING} if it is none
 */
public record Refusal(
    URI address,
    int status,
    String text,
    Optional<String> code,
    Optional<String> requestId,
    HttpHeaders headers,
    Json body) {
  private static final Pattern TITLE =
      Pattern.compile(
          "<title[^>]{0,200}>([^<]{0,2000})</title>", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
  private static final List<String> REQUEST_IDS =
      List.of("x-request-id", "x-amzn-trace-id", "x-amz-cf-id", "x-amz-request-id", "cf-ray");

  /** Reads what a refusal says from its headers and the beginning of its body. */
  static Refusal of(URI address, int status, HttpHeaders headers, byte[] body) {
    String content = new String(body, StandardCharsets.UTF_8);
    Json json = json(body);
    String said =
        headers
            .firstValue("x-error-message")
            .or(() -> inJson(json))
            .or(() -> xml(content, "Message"))
            .or(() -> title(content))
            .orElse(isMarkup(content) ? "" : content);
    Optional<String> requestId =
        REQUEST_IDS.stream().flatMap(name -> headers.firstValue(name).stream()).findFirst();
    return new Refusal(
        address,
        status,
        PrintableText.line(said),
        headers.firstValue("x-error-code").or(() -> xml(content, "Code")).map(PrintableText::line),
        requestId.map(PrintableText::line),
        headers,
        json);
  }

  /** The status with the server's own words, as a message shows it. */
  public String shown() {
    var out = new StringBuilder("HTTP ").append(status);
    code.ifPresent(value -> out.append(' ').append(value));
    if (!text.isEmpty()) {
      out.append(", ").append(text);
    }
    requestId.ifPresent(id -> out.append(" (request ").append(id).append(')'));
    return out.toString();
  }

  /** Whether trying again later may help. */
  public boolean isTransient() {
    return isTransient(status);
  }

  static boolean isTransient(int status) {
    return switch (status) {
      case 408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524 -> true;
      default -> false;
    };
  }

  private static Json json(byte[] body) {
    try {
      return Json.parse(body);
    } catch (IOException e) {
      return Json.NOTHING;
    }
  }

  /** The sentence in a JSON error, under the names that services use. */
  static Optional<String> inJson(Json json) {
    Json error = json.get("error");
    String title = error.text().or(() -> error.get("message").text()).orElse("");
    String detail =
        json.get("message")
            .text()
            .or(() -> json.get("error_description").text())
            .or(() -> json.get("detail").text())
            .or(() -> json.get("errors").items().stream().findFirst().flatMap(Refusal::inError))
            .or(() -> error.items().stream().findFirst().flatMap(Json::text))
            .orElse("");
    String both = title.isEmpty() || detail.isEmpty() ? title + detail : title + ": " + detail;
    return Optional.of(both).filter(text -> !text.isEmpty());
  }

  private static Optional<String> inError(Json error) {
    return error.get("message").text().or(error::text);
  }

  private static Optional<String> xml(String content, String element) {
    Matcher matcher =
        Pattern.compile("<" + element + ">([^<]*)</" + element + ">").matcher(content);
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  /** The title of a web page. */
  static Optional<String> title(String content) {
    Matcher matcher = TITLE.matcher(content);
    return matcher.find()
        ? Optional.of(PrintableText.line(matcher.group(1))).filter(text -> !text.isEmpty())
        : Optional.empty();
  }

  private static boolean isMarkup(String content) {
    String start = content.stripLeading();
    return start.startsWith("<") || start.startsWith("{") || start.startsWith("[");
  }
}
