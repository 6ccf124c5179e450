package athanor.net;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpHeaders;
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
 */
public record Reply(Call call, URI address, int status, HttpHeaders headers, InputStream body)
    implements AutoCloseable {
  private static final int TEXT_LIMIT = 64 << 10;
  private static final int JSON_LIMIT = 32 << 20;

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
   * @throws IOException if it is no web address
   */
  public URI location() throws IOException {
    return Url.resolve(address, header("location").orElse(""));
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
    return Json.parse(body.readNBytes(JSON_LIMIT));
  }

  /** This answer as a refusal; reads at most 64 KiB of its body and closes it. */
  public Refusal refusal() {
    byte[] content = new byte[0];
    try (InputStream in = body) {
      content = in.readNBytes(TEXT_LIMIT);
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
