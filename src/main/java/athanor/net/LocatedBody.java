package athanor.net;

import athanor.error.Kind;
import athanor.error.Problem;
import athanor.progress.Cancellation;
import java.io.IOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The current address of a file, shared by all its readers: found once, found again when the
 * storage says that it has expired. Thread-safe.
 */
final class LocatedBody {
  private static final int RENEWALS_IN_VAIN = 3;

  private final Http http;
  private final BodySource source;
  private final Cancellation cancellation;
  private @Nullable Call current;
  private int renewalsWithoutBytes;

  LocatedBody(Http http, BodySource source, Cancellation cancellation) {
    this.http = http;
    this.source = source;
    this.cancellation = cancellation;
  }

  synchronized Call call() {
    if (current == null) {
      current = source.locate(cancellation);
    }
    return current;
  }

  /** Forgets an address that was refused; false if renewing it has not helped. */
  @SuppressWarnings("ReferenceEquality") // the very call that was refused
  synchronized boolean renew(Call refused) {
    if (current == refused) {
      if (++renewalsWithoutBytes > RENEWALS_IN_VAIN) {
        return false;
      }
      current = null;
    }
    return true;
  }

  /** Bytes arrive again. */
  synchronized void works() {
    renewalsWithoutBytes = 0;
  }

  BodySource source() {
    return source;
  }

  /** Whether a refusal can mean that a signed address has expired. */
  static boolean mayHaveExpired(Refusal refusal) {
    return refusal.status() == 401 || refusal.status() == 403 || refusal.status() == 410;
  }

  /** Bytes {@code [first, last]} in one piece, with retries. */
  Piece piece(long first, long last) {
    var backoff = new Backoff(http.settings(), cancellation);
    while (true) {
      Call call = call();
      try (Reply reply = http.send(call.range(first, last), cancellation)) {
        if (!reply.isSuccess()) {
          refused(call, reply.refusal(), backoff);
          continue;
        }
        Piece piece = read(reply, first, last);
        works();
        return piece;
      } catch (IOException e) {
        backoff.failed(call.address(), e);
      }
    }
  }

  private void refused(Call call, Refusal refusal, Backoff backoff) {
    if (refusal.isTransient()) {
      backoff.failed(refusal, source.explain(refusal));
    } else if (!mayHaveExpired(refusal) || !renew(call)) {
      throw source.explain(refusal).toException();
    }
  }

  private Piece read(Reply reply, long first, long last) throws IOException {
    Optional<ContentRange> range = reply.header("content-range").flatMap(ContentRange::parse);
    int wanted = Math.toIntExact(last - first + 1);
    if (reply.status() == 206) {
      if (range.isEmpty() || range.get().first() != first || range.get().last() > last) {
        throw new IOException("the server sent another part of the file than asked for");
      }
      byte[] bytes = reply.bytes((int) (range.get().last() - first + 1));
      if (bytes.length < range.get().last() - first + 1) {
        throw new IOException("EOF inside a range");
      }
      return new Piece(bytes, range.get().total().orElse(-1), true);
    }
    if (first > 0) {
      throw Problem.of(Kind.NETWORK, "this server cannot send a part of a file")
          .at(Url.shown(reply.address()))
          .help("download the file first: athanor get LINK")
          .toException();
    }
    byte[] start = reply.bytes(wanted);
    return new Piece(start, reply.length().orElse(-1), false);
  }

  /**
   * Some bytes of the file.
   *
   * @param bytes at most as many as asked for
   * @param total size of the file, or -1 when the server does not say
   * @param ranged whether the server understands ranges
   */
  record Piece(byte[] bytes, long total, boolean ranged) {}
}
