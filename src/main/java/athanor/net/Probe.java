package athanor.net;

import athanor.progress.Cancellation;
import java.io.IOException;
import java.net.URI;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a server says about a file when asked for its first bytes.
 *
 * @param address where the file is, at the end of the redirects
 * @param size if the server says it
 * @param fileName from {@code Content-Disposition} or the parameters of a signed address
 * @param validator {@code ETag} or {@code Last-Modified}
 * @param sha256 lower-case hex from {@code Repr-Digest}, {@code Digest} or S3's checksum header
 */
public record Probe(
    URI address,
    OptionalLong size,
    Optional<String> fileName,
    Optional<String> validator,
    Optional<String> sha256) {
  private static final Pattern DIGEST =
      Pattern.compile("(?i)(?:^|,)\\s*sha-256=:?([A-Za-z0-9+/]{43}=)");

  /**
   * Asks for the first 4 KiB, follows redirects, and refuses error pages.
   *
   * @throws athanor.error.AthanorException of kind NETWORK if the server refuses, stays away, or
   *     sends a web page or an error text
   */
  public static Probe of(Http http, BodySource source, String name, Cancellation cancellation) {
    var backoff = new Backoff(http.settings(), cancellation);
    Call call = source.locate(cancellation);
    while (true) {
      try (Reply reply =
          http.fetch(call.range(0, FirstBytes.ENOUGH - 1), source::explain, cancellation)) {
        boolean empty = reply.status() == 416 && size(reply).orElse(-1) == 0;
        if (!reply.isSuccess() && !empty) {
          throw source.explain(reply.refusal()).toException();
        }
        byte[] start = reply.bytes(FirstBytes.ENOUGH);
        FirstBytes.refuseErrorPages(start, name, source.adviceForWrongContent());
        return of(reply);
      } catch (IOException e) {
        backoff.failed(call.address(), e);
      }
    }
  }

  private static Probe of(Reply reply) {
    return new Probe(
        reply.address(),
        size(reply),
        reply
            .header("content-disposition")
            .flatMap(ContentDisposition::fileName)
            .or(() -> inQuery(reply.address())),
        reply.header("etag").or(() -> reply.header("last-modified")),
        sha256(reply));
  }

  private static OptionalLong size(Reply reply) {
    return reply.status() == 200
        ? reply.length()
        : reply
            .header("content-range")
            .flatMap(ContentRange::parse)
            .map(ContentRange::total)
            .orElse(OptionalLong.empty());
  }

  /** Signed addresses of S3, R2 and B2 carry the header they will answer with. */
  private static Optional<String> inQuery(URI address) {
    var query = Url.query(address);
    return Optional.ofNullable(query.get("response-content-disposition"))
        .or(() -> Optional.ofNullable(query.get("b2ContentDisposition")))
        .flatMap(ContentDisposition::fileName);
  }

  private static Optional<String> sha256(Reply reply) {
    return reply
        .header("repr-digest")
        .or(() -> reply.header("digest"))
        .or(() -> reply.header("x-amz-checksum-sha256").map(value -> "sha-256=" + value))
        .map(DIGEST::matcher)
        .filter(Matcher::find)
        .map(match -> Base64.getDecoder().decode(match.group(1)))
        .map(bytes -> HexFormat.of().formatHex(bytes));
  }
}
