package athanor.testkit.web;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What a server answers where; the first route that fits a request gets it. */
public final class Routes {
  private final List<Route> routes = new CopyOnWriteArrayList<>();

  /** Finds the answer to a request. */
  public interface Handler {
    /**
     * An answer.
     *
     * @throws IOException if there shall be none: the connection is cut
     */
    Answer answer(Ask ask) throws IOException;
  }

  private record Route(String method, Pattern path, Handler handler) {}

  /**
   * Adds a route.
   *
   * @param path with names in braces: {@code {repo}} is one segment or two, {@code {rest}} all that
   *     is left, any other name is one segment
   */
  public void add(String method, String path, Handler handler) {
    String pattern =
        path.replace(".", "\\.")
            .replace("{repo}", "(?<repo>[^/]+(?:/[^/]+)?)")
            .replace("{rest}", "(?<rest>.+)")
            .replaceAll("\\{(\\w+)}", "(?<$1>[^/]+)");
    routes.add(new Route(method, Pattern.compile(pattern), handler));
  }

  /** The answer if there is a route. */
  @Nullable Answer answer(HttpExchange exchange, Seen seen) throws IOException {
    for (Route route : routes) {
      Matcher path = route.path().matcher(exchange.getRequestURI().getRawPath());
      if (route.method().equals(exchange.getRequestMethod()) && path.matches()) {
        return route.handler().answer(new Ask(exchange, seen, path));
      }
    }
    return null;
  }
}
