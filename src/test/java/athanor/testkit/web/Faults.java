package athanor.testkit.web;

import athanor.testkit.web.FakeStorage.Fault;
import com.sun.net.httpserver.HttpExchange;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** The ways in which storage, and what stands between, fails. */
public final class Faults {
  private Faults() {}

  /** Announces everything and breaks off after so many bytes. */
  public static Fault cutAfter(long bytes) {
    return (exchange, blob, from, to, ranged) -> {
      begin(exchange, blob, from, to, ranged, to - from);
      writeThenCut(exchange, blob, from, from + Math.min(bytes, to - from));
      return true;
    };
  }

  /** Sends chunks without a length and breaks off. */
  public static Fault cutChunkedAfter(long bytes) {
    return (exchange, blob, from, to, ranged) -> {
      begin(exchange, blob, from, to, ranged, 0);
      OutputStream out = exchange.getResponseBody();
      blob.write(out, from, from + bytes);
      out.flush();
      throw new IOException("cut");
    };
  }

  private static void writeThenCut(HttpExchange exchange, Blob blob, long from, long to)
      throws IOException {
    blob.write(exchange.getResponseBody(), from, to);
    exchange.getResponseBody().flush();
    throw new IOException("cut");
  }

  private static void begin(
      HttpExchange exchange, Blob blob, long from, long to, boolean ranged, long length)
      throws IOException {
    if (ranged) {
      exchange
          .getResponseHeaders()
          .set("Content-Range", "bytes " + from + "-" + (to - 1) + "/" + blob.size());
    }
    exchange.sendResponseHeaders(ranged ? 206 : 200, length);
  }

  /** Sends so many bytes and then nothing, for ever. */
  public static Fault stallAfter(long bytes) {
    return (exchange, blob, from, to, ranged) -> {
      begin(exchange, blob, from, to, ranged, to - from);
      blob.write(exchange.getResponseBody(), from, from + bytes);
      exchange.getResponseBody().flush();
      sleep(20_000);
      throw new IOException("cut");
    };
  }

  /** Sends a byte now and then. */
  public static Fault dribble() {
    return (exchange, blob, from, to, ranged) -> {
      begin(exchange, blob, from, to, ranged, to - from);
      for (long at = from; at < to; at++) {
        blob.write(exchange.getResponseBody(), at, at + 1);
        exchange.getResponseBody().flush();
        sleep(30);
      }
      return true;
    };
  }

  /** Sends everything with one bit changed. */
  public static Fault flipBit() {
    return (exchange, blob, from, to, ranged) -> {
      var bytes = new ByteArrayOutputStream();
      blob.write(bytes, from, to);
      byte[] content = bytes.toByteArray();
      content[content.length / 2] ^= 1;
      begin(exchange, blob, from, to, ranged, to - from);
      exchange.getResponseBody().write(content);
      return true;
    };
  }

  /** Says 200 and announces a file of another size. */
  public static Fault otherSize(long size) {
    return (exchange, blob, from, to, ranged) -> {
      exchange.sendResponseHeaders(200, size);
      blob.write(exchange.getResponseBody(), 0, Math.min(size, blob.size()));
      if (size > blob.size()) {
        exchange.getResponseBody().write(new byte[(int) (size - blob.size())]);
      }
      return true;
    };
  }

  /** Ignores the range and sends everything. */
  public static Fault ignoreRange() {
    return (exchange, blob, from, to, ranged) -> {
      exchange.getResponseHeaders().remove("Accept-Ranges");
      exchange.sendResponseHeaders(200, blob.size());
      blob.write(exchange.getResponseBody(), 0, blob.size());
      return true;
    };
  }

  /** Ignores the range and sends everything, in chunks, without a length. */
  public static Fault chunked(byte... more) {
    return (exchange, blob, from, to, ranged) -> {
      exchange.sendResponseHeaders(200, 0);
      blob.write(exchange.getResponseBody(), 0, blob.size());
      exchange.getResponseBody().write(more);
      return true;
    };
  }

  /** Says in {@code Content-Range} that it begins somewhere else. */
  public static Fault wrongStart() {
    return (exchange, blob, from, to, ranged) -> {
      exchange
          .getResponseHeaders()
          .set("Content-Range", "bytes " + (from + 1) + "-" + (to - 1) + "/" + blob.size());
      exchange.sendResponseHeaders(206, to - from - 1);
      blob.write(exchange.getResponseBody(), from + 1, to);
      return true;
    };
  }

  /** Sends less than was asked for, and says so. */
  public static Fault shorterRange(long length) {
    return (exchange, blob, from, to, ranged) -> {
      long end = Math.min(to, from + length);
      begin(exchange, blob, from, end, ranged, end - from);
      blob.write(exchange.getResponseBody(), from, end);
      return true;
    };
  }

  /** Says in {@code Content-Range} that the file has another size. */
  public static Fault wrongTotal() {
    return (exchange, blob, from, to, ranged) -> {
      exchange
          .getResponseHeaders()
          .set("Content-Range", "bytes " + from + "-" + (to - 1) + "/" + (blob.size() + 7));
      return false;
    };
  }

  /** Another validator than before. */
  public static Fault otherEtag() {
    return (exchange, blob, from, to, ranged) -> {
      exchange.getResponseHeaders().set("ETag", "\"another\"");
      return false;
    };
  }

  /** Packs the answer though nobody asked. */
  public static Fault gzip() {
    return (exchange, blob, from, to, ranged) -> {
      exchange.getResponseHeaders().set("Content-Encoding", "gzip");
      return false;
    };
  }

  /** A status with headers in the form {@code Name: value}. */
  public static Fault status(int status, String... headers) {
    return (exchange, blob, from, to, ranged) -> {
      for (String header : headers) {
        String[] parts = header.split(": ", 2);
        exchange.getResponseHeaders().set(parts[0], parts[1]);
      }
      FakeStorage.xml(exchange, status, "Code" + status, "the storage says no");
      return true;
    };
  }

  /** Status 200 and this text instead of the file. */
  public static Fault text(String type, String text) {
    return (exchange, blob, from, to, ranged) -> {
      FakeServer.send(exchange, 200, type, text.getBytes(StandardCharsets.UTF_8));
      return true;
    };
  }

  private static void sleep(long millis) throws IOException {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }
}
