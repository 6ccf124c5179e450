package athanor.web;

import athanor.report.JsonLine;
import athanor.report.Shown;
import athanor.web.bench.Bench;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Sends the state whenever it changes, as server-sent events: {@code event: state}, one line of
 * JSON. A new connection begins with the state as it is, so nothing is lost by one that broke.
 */
final class Feed {
  private static final long HEARTBEAT_MILLIS = 5_000;
  private static final long REST_MILLIS = 100;

  private final Bench bench;

  Feed(Bench bench) {
    this.bench = bench;
  }

  /** Sends until the page is gone. */
  void send(HttpExchange exchange) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", "text/event-stream; charset=utf-8");
    exchange.sendResponseHeaders(200, 0);
    try (OutputStream out = exchange.getResponseBody()) {
      long seen = 0;
      while (true) {
        long now = bench.await(seen, HEARTBEAT_MILLIS);
        write(out, now > seen ? "event: state\ndata: " + line() + "\n\n" : ": still here\n\n");
        seen = now;
        Thread.sleep(REST_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String line() {
    Shown state = bench.state();
    return JsonLine.of(state);
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.UTF_8));
    out.flush();
  }
}
