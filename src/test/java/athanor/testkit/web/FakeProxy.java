package athanor.testkit.web;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A proxy that leads every host to one server of this computer: tunnels for https, forwarding for
 * http. It may want a login, and may break connections off before it answers.
 */
public final class FakeProxy implements AutoCloseable {
  private static final String CONNECTED = "HTTP/1.1 200 Connection established\r\n\r\n";
  private static final String WANTS_LOGIN =
      "HTTP/1.1 407 Proxy Authentication Required\r\n"
          + "Proxy-Authenticate: Basic realm=\"office\"\r\nContent-Length: 0\r\n\r\n";

  private final ServerSocket socket;
  private final URI server;
  private final Optional<String> login;
  private final AtomicInteger breaks = new AtomicInteger();
  private final List<String> log = new CopyOnWriteArrayList<>();

  /**
   * Starts it.
   *
   * @param server where all requests end up
   * @param login {@code user:password} that it wants
   */
  public FakeProxy(URI server, Optional<String> login) {
    this.server = server;
    this.login = login;
    try {
      socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::accept);
  }

  /** Host and port. */
  public String address() {
    return "127.0.0.1:" + socket.getLocalPort();
  }

  /** The head of every request that it got. */
  public List<String> log() {
    return log;
  }

  /** The next so many requests are broken off without an answer. */
  public void breakOff(int times) {
    breaks.set(times);
  }

  private void accept() {
    while (!socket.isClosed()) {
      try {
        Socket client = socket.accept();
        Thread.ofVirtual().start(() -> serve(client));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      while (true) {
        String head = head(client.getInputStream());
        if (head.isEmpty()) {
          return;
        }
        log.add(head);
        if (breaks.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
          client.setSoLinger(true, 0);
          return;
        }
        if (!isAllowed(head)) {
          write(client.getOutputStream(), WANTS_LOGIN);
          continue;
        }
        pass(client, head);
        return;
      }
    } catch (IOException e) {
      // The client sees it.
    }
  }

  private boolean isAllowed(String head) {
    return login
        .map(text ->
            "proxy-authorization: basic "
                + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8)))
        .map(header -> head.lines().anyMatch(line -> line.equalsIgnoreCase(header)))
        .orElse(true);
  }

  private void pass(Socket client, String head) throws IOException {
    try (Socket upstream = new Socket(server.getHost(), server.getPort())) {
      if (head.startsWith("CONNECT ")) {
        write(client.getOutputStream(), CONNECTED);
      } else {
        write(
            upstream.getOutputStream(),
            head.replaceFirst("^(\\w+) http://[^/ ]+", "$1 ")
                .replaceFirst("(?im)^proxy-authorization:.*\r\n", "")
                .replaceFirst("\r\n", "\r\nConnection: close\r\n"));
      }
      Thread up = Thread.ofVirtual().start(() -> copy(client, upstream));
      copy(upstream, client);
      client.close();
      up.interrupt();
    }
  }

  private static void copy(Socket from, Socket to) {
    try {
      from.getInputStream().transferTo(to.getOutputStream());
      to.shutdownOutput();
    } catch (IOException e) {
      // The other side has gone.
    }
  }

  private static void write(OutputStream out, String text) throws IOException {
    out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    out.flush();
  }

  private static String head(InputStream in) throws IOException {
    var head = new StringBuilder();
    int next;
    while (head.indexOf("\r\n\r\n") < 0 && (next = in.read()) >= 0) {
      head.append((char) next);
    }
    return head.toString();
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
