package athanor.web;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * Says who may call. The server listens to this computer only, but every page in the user's browser
 * and every other user of the computer can reach that, so each request must be addressed to this
 * server by name, come from its own page, and for everything but the page's files bring the token
 * that only the printed address holds. Thread-safe.
 */
final class Guard {
  /** The header that holds the token. Other pages cannot set it: browsers ask here first. */
  static final String TOKEN_HEADER = "X-Athanor-Token";

  private static final int TOKEN_BYTES = 24;

  private final List<String> hosts;
  private final List<String> origins;
  private final String token;

  /** A request that is not served. */
  record Refusal(int status, String text) {}

  /** The guard of a server on this port, with a token of its own. */
  Guard(int port) {
    hosts = List.of("127.0.0.1:" + port, "localhost:" + port);
    origins = hosts.stream().map(host -> "http://" + host).toList();
    byte[] random = new byte[TOKEN_BYTES];
    new SecureRandom().nextBytes(random);
    token = Base64.getUrlEncoder().withoutPadding().encodeToString(random);
  }

  /** The page's address with the token behind {@code #}, which browsers send to nobody. */
  String address() {
    return origins.getFirst() + "/#" + token;
  }

  /** Why a request for a file of the page is refused. */
  Optional<Refusal> ofPage(HttpExchange exchange) {
    return foreign(exchange);
  }

  /** Why a request for anything else is refused. */
  Optional<Refusal> ofApi(HttpExchange exchange) {
    return foreign(exchange).or(() -> stranger(exchange.getRequestHeaders()));
  }

  private Optional<Refusal> foreign(HttpExchange exchange) {
    Headers headers = exchange.getRequestHeaders();
    List<String> host = headers.getOrDefault("Host", List.of());
    if (host.size() != 1 || !hosts.contains(host.getFirst())) {
      return Optional.of(new Refusal(421, "this server has another name"));
    }
    List<String> from = headers.getOrDefault("Origin", List.of());
    if (!origins.containsAll(from) || !isFromHere(headers, exchange)) {
      return Optional.of(new Refusal(403, "another site may not call this server"));
    }
    return Optional.empty();
  }

  /** A link to the page may stand anywhere: following it is no call by the site it stands on. */
  private static boolean isFromHere(Headers headers, HttpExchange exchange) {
    String site = headers.getFirst("Sec-Fetch-Site");
    boolean followed =
        "navigate".equals(headers.getFirst("Sec-Fetch-Mode"))
            && "document".equals(headers.getFirst("Sec-Fetch-Dest"))
            && exchange.getRequestMethod().equals("GET")
            && exchange.getRequestURI().getRawPath().equals("/");
    return site == null || site.equals("same-origin") || site.equals("none") || followed;
  }

  private Optional<Refusal> stranger(Headers headers) {
    List<String> given = headers.getOrDefault(TOKEN_HEADER, List.of());
    boolean right =
        given.size() == 1 && MessageDigest.isEqual(bytes(token), bytes(given.getFirst()));
    return right
        ? Optional.empty()
        : Optional.of(new Refusal(401, "open the address that athanor ui printed"));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
