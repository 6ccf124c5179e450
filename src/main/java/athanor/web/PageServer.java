package athanor.web;

import athanor.error.Problem;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;

/**
 * Serves the page on 127.0.0.1, to nobody who does not know its address. Runs on threads of its own
 * until it is closed.
 */
public final class PageServer implements AutoCloseable {
  private static final String SECONDS_FOR_A_REQUEST = "30";
  private static final int SECONDS_FOR_ANSWERS = 1;
  private static final byte[] LOOPBACK = {127, 0, 0, 1};

  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Guard guard;
  private final PageFiles files = PageFiles.load();
  private final Api api;

  private PageServer(HttpServer server, Api api) {
    this.server = server;
    this.api = api;
    this.guard = new Guard(server.getAddress().getPort());
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  /**
   * Starts serving.
   *
   * @param port where, or 0 for any that is free
   * @throws athanor.error.AthanorException of kind USAGE if the port is taken or not to be had
   */
  static PageServer start(int port, Api api) {
    // Read once, when the first server is made. Without them a request that never ends is kept.
    System.setProperty("sun.net.httpserver.maxReqTime", SECONDS_FOR_A_REQUEST);
    System.setProperty("sun.net.httpserver.nodelay", "true");
    System.setProperty("jdk.httpserver.maxConnections", "100");
    try {
      var address = new InetSocketAddress(InetAddress.getByAddress(LOOPBACK), port);
      return new PageServer(HttpServer.create(address, 0), api);
    } catch (IOException e) {
      throw Problem.usage("the page cannot be served on this port (" + e.getMessage() + ")")
          .at("--port " + port)
          .help("leave out --port, so that a free one is taken")
          .toException(e);
    }
  }

  /** The address to open; it holds the token. */
  public String address() {
    return guard.address();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      Replies.setHeaders(exchange, files.policy());
      boolean forApi = exchange.getRequestURI().getRawPath().startsWith(Api.FOLDER);
      Function<HttpExchange, Optional<Guard.Refusal>> check = forApi ? guard::ofApi : guard::ofPage;
      Optional<Guard.Refusal> refusal = check.apply(exchange);
      if (refusal.isPresent()) {
        Replies.text(exchange, refusal.get().status(), refusal.get().text());
      } else if (forApi) {
        api.answer(exchange);
      } else {
        sendFile(exchange);
      }
    }
  }

  private void sendFile(HttpExchange exchange) throws IOException {
    String method = exchange.getRequestMethod();
    if (!method.equals("GET") && !method.equals("HEAD")) {
      exchange.getResponseHeaders().set("Allow", "GET, HEAD");
      Replies.text(exchange, 405, "files are read only");
      return;
    }
    Optional<PageFiles.Content> found = files.at(exchange.getRequestURI().getRawPath());
    if (found.isEmpty()) {
      Replies.text(exchange, 404, "there is nothing here");
      return;
    }
    PageFiles.Content content = found.get();
    exchange.getResponseHeaders().set("ETag", content.tag());
    exchange.getResponseHeaders().set("Cache-Control", "no-cache");
    if (content.tag().equals(exchange.getRequestHeaders().getFirst("If-None-Match"))) {
      exchange.sendResponseHeaders(304, -1);
    } else {
      Replies.send(exchange, 200, content.type(), content.bytes());
    }
  }

  /** Ends serving; answers that are nearly sent are sent. */
  @Override
  public void close() {
    server.stop(SECONDS_FOR_ANSWERS);
    threads.shutdownNow();
  }
}
