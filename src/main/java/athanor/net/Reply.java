package athanor.net;

import athanor.error.Kind;
import athanor.error.PrintableText;
import athanor.error.Problem;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * An answer whose body has not been read yet. Close it; it belongs to one thread.
 *
 * @param call what was asked
 * @param address who answered, at the end of the redirects
 * @param status HTTP status
 * @param headers of the answer
 * @param body watched: a read that waits too long or was cancelled ends with an exception
 * @param patience how long a whole answer may take that is read at once
 */
public record Reply(
    Call call, URI address, int status, HttpHeaders headers, InputStream body, Duration patience)
    implements AutoCloseable {
  private static final int TEXT_LIMIT = 64 << 10;
  private static final int JSON_LIMIT = 32 << 20;
  private static final int PIECE = 64 << 10;

  /** Whether the status is 2xx. */
  public boolean isSuccess() {
    return status / 100 == 2;
  }

  /** Whether this is a redirect that was not followed. */
  public boolean isRedirect() {
    return status >= 301 && status <= 308 && status != 304 && header("location").isPresent();
  }

  /**
   * Where the redirect leads.
   *
   * @throws athanor.error.AthanorException of kind NETWORK if it is no web address
   */
  public URI location() {
    String location = header("location").orElse("");
    try {
      return Url.resolve(address, location);
    } catch (IOException e) {
      String scheme = location.strip().replaceFirst("(?s)[^a-zA-Z0-9+.-].*", ":");
      throw Problem.of(Kind.NETWORK, String.valueOf(e.getMessage()) + "; this is never followed")
          .at(Origin.of(address).toString())
          .found(PrintableText.line(scheme))
          .expected("http:// or https://")
          .help("check the link; its server may be broken or hostile")
          .toException(e);
    }
  }

  /** The first value of a header. */
  public Optional<String> header(String name) {
    return headers.firstValue(name);
  }

  /** The announced length of the body. */
  public OptionalLong length() {
    return headers
        .firstValue("content-length")
        .filter(text -> text.matches("\\d{1,18}"))
        .map(text -> OptionalLong.of(Long.parseLong(text)))
        .orElse(OptionalLong.empty());
  }

  /**
   * The body as JSON, at most 32 MiB.
   *
   * @throws IOException if it cannot be read or is something else
   */
  public Json json() throws IOException {
    return Json.parse(bytes(JSON_LIMIT));
  }

  /**
   * The first bytes of the body, fewer only if it ends.
   *
   * @param most how many
   * @throws IOException if they cannot be read, or take longer than the patience of this answer
   */
  public byte[] bytes(int most) throws IOException {
    long start = System.nanoTime();
    var bytes = new ByteArrayOutputStream();
    byte[] piece = new byte[Math.min(PIECE, most)];
    while (bytes.size() < most) {
      int count = body.read(piece, 0, Math.min(piece.length, most - bytes.size()));
      if (count < 0) {
        break;
      }
      bytes.write(piece, 0, count);
      if (System.nanoTime() - start > patience.toNanos()) {
        throw new IOException(
            address.getHost() + " has not ended its answer after " + patience.toSeconds() + " s");
      }
    }
    return bytes.toByteArray();
  }

  /** This answer as a refusal; reads at most 64 KiB of its body and closes it. */
  public Refusal refusal() {
    byte[] content = new byte[0];
    try (body) {
      content = bytes(TEXT_LIMIT);
    } catch (IOException e) {
      // The status says enough.
    }
    return Refusal.of(address, status, headers, content);
  }

  /**
   * Drops what is left of the body; a short rest is read so that the connection can serve again.
   */
  @Override
  public void close() {
    try (InputStream in = body) {
      if (length().orElse(0) <= TEXT_LIMIT) {
        in.skipNBytes(length().orElse(0));
      }
    } catch (IOException e) {
      // The body was shorter or is gone already.
    }
  }
}
