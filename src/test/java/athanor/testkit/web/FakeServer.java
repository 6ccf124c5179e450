package athanor.testkit.web;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;

/** An HTTP server on a free loopback port that remembers every request. */
public class FakeServer implements AutoCloseable {
  static {
    System.setProperty("sun.net.httpserver.nodelay", "true");
  }

  private final HttpServer server;
  private final ExecutorService workers;
  private final List<Seen> log = new CopyOnWriteArrayList<>();
  private final Routes routes = new Routes();
  private volatile Duration latency = Duration.ZERO;

  /** Answers requests. */
  public interface Handler {
    /** Answers one request, whose body has been read. */
    void answer(HttpExchange exchange, byte[] body) throws IOException;
  }

  /** Starts a server; add handlers then. */
  public FakeServer() {
    this(Optional.empty());
  }

  /** Starts a server that is spoken to over TLS if a certificate is given. */
  public FakeServer(Optional<TestCertificate> certificate) {
    var any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    try {
      if (certificate.isPresent()) {
        HttpsServer encrypted = HttpsServer.create(any, 0);
        encrypted.setHttpsConfigurator(new HttpsConfigurator(certificate.get().tls()));
        server = encrypted;
      } else {
        server = HttpServer.create(any, 0);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    ThreadFactory daemons = Thread.ofPlatform().daemon().factory();
    workers = Executors.newCachedThreadPool(daemons);
    server.setExecutor(workers);
    server.start();
  }

  /** Serves all paths with this prefix; the longest prefix wins. */
  public final void handle(String prefix, Handler handler) {
    server.createContext(
        prefix,
        exchange -> {
          var seen = new Seen(exchange);
          log.add(seen);
          try {
            Answer answer = routes.answer(exchange, seen);
            if (answer != null) {
              pause();
              answer.send(exchange, seen);
              return;
            }
            seen.read(exchange.getRequestBody().readAllBytes());
            pause();
            handler.answer(exchange, seen.body());
            seen.answered(exchange.getResponseCode());
          } catch (RuntimeException e) {
            e.printStackTrace(); // the server would swallow it
            throw e;
          } finally {
            exchange.close();
          }
        });
  }

  /** Routes that come before the handlers; a handler's prefix must lead to them. */
  public final Routes routes() {
    return routes;
  }

  private void pause() {
    try {
      Thread.sleep(latency);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Every answer waits so long. */
  public final void latency(Duration duration) {
    latency = duration;
  }

  /** All requests so far. */
  public final List<Seen> log() {
    return log;
  }

  /** Scheme, host and port. */
  public final URI address() {
    String scheme = server instanceof HttpsServer ? "https" : "http";
    return URI.create(scheme + "://127.0.0.1:" + server.getAddress().getPort());
  }

  /** Sends a complete answer. */
  public static void send(HttpExchange exchange, int status, String type, byte[] body)
      throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    boolean none = exchange.getRequestMethod().equals("HEAD") || body.length == 0;
    exchange.sendResponseHeaders(status, none ? -1 : body.length);
    if (!none) {
      exchange.getResponseBody().write(body);
    }
  }

  /** Sends JSON. */
  public static void json(HttpExchange exchange, int status, String body) throws IOException {
    send(exchange, status, "application/json", body.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void close() {
    server.stop(0);
    workers.shutdownNow();
  }
}
