package athanor.testkit.web;

import athanor.net.Json;
import com.sun.net.httpserver.HttpExchange;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A request to be answered: its path in parts, its body as a stream that counts itself. */
public final class Ask {
  private final HttpExchange exchange;
  private final Seen seen;
  private final Matcher path;
  private final InputStream body;

  Ask(HttpExchange exchange, Seen seen, Matcher path) {
    this.exchange = exchange;
    this.seen = seen;
    this.path = path;
    this.body = new Counted(exchange.getRequestBody(), seen);
  }

  /** What the log has of this request. */
  public Seen seen() {
    return seen;
  }

  /** A part of the path by its name in the route, decoded. */
  public String path(String name) {
    return decode(path.group(name));
  }

  /** A header. */
  public Optional<String> header(String name) {
    return Optional.ofNullable(exchange.getRequestHeaders().getFirst(name));
  }

  /** A parameter of the query, decoded. */
  public Optional<String> query(String name) {
    String query = exchange.getRequestURI().getRawQuery();
    Matcher found =
        Pattern.compile("(?:^|&)" + name + "=([^&]*)").matcher(query == null ? "" : query);
    return found.find() ? Optional.of(decode(found.group(1))) : Optional.empty();
  }

  /** The body, unread so far unless somebody has asked for it before. */
  public InputStream body() {
    return body;
  }

  /** Reads the whole body, once; the log keeps it. */
  public byte[] bytes() {
    try {
      if (seen.body().length == 0) {
        seen.read(exchange.getRequestBody().readAllBytes());
      }
      return seen.body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The body as JSON. */
  public Json json() {
    bytes();
    return seen.json();
  }

  static String decode(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private static final class Counted extends FilterInputStream {
    private final Seen seen;

    private Counted(InputStream in, Seen seen) {
      super(in);
      this.seen = seen;
    }

    @Override
    public int read() throws IOException {
      int value = super.read();
      seen.arrived(value < 0 ? 0 : 1);
      return value;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      int count = super.read(bytes, offset, length);
      seen.arrived(Math.max(count, 0));
      return count;
    }
  }
}
