package athanor.testkit.web;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** A server that answers with exactly these bytes and closes the connection. */
public final class RawServer implements AutoCloseable {
  private final ServerSocket socket;
  private final Function<String, byte[]> answer;
  private final List<String> log = new CopyOnWriteArrayList<>();

  /** Starts it; {@code answer} turns the head of a request into all bytes of the answer. */
  public RawServer(Function<String, byte[]> answer) {
    this.answer = answer;
    try {
      socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::accept);
  }

  /** A head, its lines separated by {@code |}, and a body. */
  public static byte[] answer(String head, byte[] body) {
    var out = new ByteArrayOutputStream();
    out.writeBytes((head.replace("|", "\r\n") + "\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
    out.writeBytes(body);
    return out.toByteArray();
  }

  /** Scheme, host and port. */
  public URI address() {
    return URI.create("http://127.0.0.1:" + socket.getLocalPort());
  }

  /** The head of every request. */
  public List<String> log() {
    return log;
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
      InputStream in = client.getInputStream();
      var head = new StringBuilder();
      int next;
      while (head.indexOf("\r\n\r\n") < 0 && (next = in.read()) >= 0) {
        head.append((char) next);
      }
      log.add(head.toString());
      client.getOutputStream().write(answer.apply(head.toString()));
      client.getOutputStream().flush();
    } catch (IOException e) {
      // The client sees it.
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
