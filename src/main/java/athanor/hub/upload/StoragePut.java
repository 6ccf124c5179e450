package athanor.hub.upload;

import athanor.error.Problem;
import athanor.file.InputFile;
import athanor.net.Backoff;
import athanor.net.Call;
import athanor.net.Content;
import athanor.net.Http;
import athanor.net.Refusal;
import athanor.net.Reply;
import athanor.progress.Cancellation;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.Set;
import java.util.function.LongConsumer;

/** PUTs to the storage behind signed addresses. No credential goes there. */
final class StoragePut {
  /** Codes of S3 that mean "again", whatever the status. */
  private static final Set<String> AGAIN =
      Set.of(
          "RequestTimeout",
          "RequestTimeTooSkewed",
          "IncompleteBody",
          "BadDigest",
          "SlowDown",
          "InternalError");

  private final Http http;
  private final InputFile file;
  private final Cancellation stop;

  StoragePut(Http http, InputFile file, Cancellation stop) {
    this.http = http;
    this.file = file;
    this.stop = stop;
  }

  /** One slice of the file. */
  record Slice(long offset, long length, String what) {}

  /**
   * Sends a slice, as often as the back-off allows, from its beginning each time.
   *
   * @return the ETag of what was stored, as it came; empty if there was none
   * @throws StaleAddresses if the address is of no use any more
   */
  String put(URI address, Slice slice, LongConsumer reached) {
    var backoff = new Backoff(http.settings(), stop);
    while (true) {
      try {
        return once(address, Map.of(), slice, reached, backoff);
      } catch (IOException e) {
        file.verifyUnchanged();
        backoff.failed(address, e);
      }
    }
  }

  /**
   * Sends a slice once, again only if the storage asks for it.
   *
   * @throws IOException if there was no answer, so that it may have arrived or not
   */
  String once(
      URI address, Map<String, String> headers, Slice slice, LongConsumer reached, Backoff backoff)
      throws IOException {
    Call call =
        Call.put(address, new Content.Slice(file, slice.offset(), slice.length(), reached))
            .with(headers);
    while (true) {
      try (Reply reply = http.send(call, stop)) {
        if (reply.isSuccess()) {
          return reply.header("etag").orElse("");
        }
        Refusal refusal = reply.refusal();
        Problem problem = UploadRefusals.ofStorage(refusal, slice.what());
        if (!mayRepeat(refusal)) {
          throw new StaleAddresses(problem);
        }
        backoff.failed(refusal, problem);
      }
    }
  }

  static boolean mayRepeat(Refusal refusal) {
    return refusal.isTransient() || AGAIN.contains(refusal.code().orElse(""));
  }
}
