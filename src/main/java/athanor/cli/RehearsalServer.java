package athanor.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Serves the files of one folder on loopback, by ranges, for the {@link Rehearsal} alone. */
final class RehearsalServer implements AutoCloseable {
  private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d*)");
  private static final int PARTIAL_CONTENT = 206;

  private final HttpServer server;

  RehearsalServer(Path folder) {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/", exchange -> send(folder, exchange));
    server.start();
  }

  /** The link to a file of the folder. */
  String link(String name) {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/" + name;
  }

  /** Without a range it fails, as the rehearsal does then, and there is no cache. */
  private static void send(Path folder, HttpExchange exchange) throws IOException {
    Path name = Path.of(exchange.getRequestURI().getPath()).getFileName();
    Matcher range = RANGE.matcher(String.valueOf(exchange.getRequestHeaders().getFirst("Range")));
    try (exchange;
        FileChannel file = FileChannel.open(folder.resolve(String.valueOf(name)))) {
      if (!range.matches()) {
        return;
      }
      long size = file.size();
      long from = Long.parseLong(range.group(1));
      String last = range.group(2);
      long to = last.isEmpty() ? size : Math.min(size, Long.parseLong(last) + 1);
      exchange
          .getResponseHeaders()
          .set("Content-Range", "bytes " + from + "-" + (to - 1) + "/" + size);
      exchange.sendResponseHeaders(PARTIAL_CONTENT, to - from);
      file.transferTo(from, to - from, Channels.newChannel(exchange.getResponseBody()));
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
