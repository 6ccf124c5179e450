package athanor.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Serves the files of one folder on loopback, by ranges, for the {@link Rehearsal} alone. */
final class RehearsalServer implements AutoCloseable {
  private static final Pattern REQUEST =
      Pattern.compile(
          "GET /([\\w.-]+) .*?\nrange: bytes=(\\d+)-(\\d*)\r\n.*",
          Pattern.DOTALL | Pattern.CASE_INSENSITIVE);

  private final Path folder;
  private final ServerSocket socket;

  RehearsalServer(Path folder) {
    this.folder = folder;
    try {
      socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofPlatform().daemon().start(this::accept);
  }

  /** The link to a file of the folder. */
  String link(String name) {
    return "http://127.0.0.1:" + socket.getLocalPort() + "/" + name;
  }

  private void accept() {
    while (!socket.isClosed()) {
      try {
        Socket client = socket.accept();
        Thread.ofPlatform().daemon().start(() -> serve(client));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket client) {
    try (client) {
      for (String head = head(client.getInputStream());
          !head.isEmpty();
          head = head(client.getInputStream())) {
        Matcher request = REQUEST.matcher(head);
        if (!request.matches()) {
          return;
        }
        send(client, request);
      }
    } catch (IOException e) {
      // The rehearsal fails then, and there is no cache.
    }
  }

  private static String head(InputStream in) throws IOException {
    var head = new StringBuilder();
    int next;
    while (head.indexOf("\r\n\r\n") < 0 && (next = in.read()) >= 0) {
      head.append((char) next);
    }
    return head.toString();
  }

  private void send(Socket client, Matcher request) throws IOException {
    try (FileChannel file = FileChannel.open(folder.resolve(request.group(1)))) {
      long size = file.size();
      long from = Long.parseLong(request.group(2));
      String last = request.group(3);
      long to = last.isEmpty() ? size : Math.min(size, Long.parseLong(last) + 1);
      String head =
          "HTTP/1.1 206 Partial Content\r\nContent-Length: %d\r\nContent-Range: bytes %d-%d/%d\r\n\r\n"
              .formatted(to - from, from, to - 1, size);
      client.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
      file.transferTo(from, to - from, Channels.newChannel(client.getOutputStream()));
    }
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
