package athanor.hub.upload;

import athanor.error.Kind;
import athanor.error.Problem;
import athanor.file.InputFile;
import athanor.net.Backoff;
import athanor.progress.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * Uploads one large file to the storage, unless it is there. When the addresses expire or the
 * storage loses something, the Hub is asked again, a few times.
 */
final class ObjectUpload {
  private static final int MOST_PLANS_WITHOUT_PROGRESS = 3;

  private final Api api;
  private final Batch batch;
  private final Path states;
  private final Progress progress;

  ObjectUpload(Api api, Batch batch, Path states, Progress progress) {
    this.api = api;
    this.batch = batch;
    this.states = states;
    this.progress = progress;
  }

  /**
   * Returns when the Hub has the object.
   *
   * @return bytes that were sent for it, repetitions included; 0 if it was there
   * @throws athanor.error.AthanorException of kind NETWORK if that is not possible, of kind
   *     CANCELLED; of kind BAD_FILE if the file changed meanwhile
   */
  long send(Path stateName, String oid, InputFile file) {
    Path path = states.resolve(stateName);
    var notices = api.http().settings().notices();
    try (var state = UnfinishedUpload.open(path, file.size(), notices, api.cancellation())) {
      long sent = send(state, oid, file);
      state.remove();
      return sent;
    }
  }

  private long send(UnfinishedUpload state, String oid, InputFile file) {
    var sent = new SentBytes(progress);
    int failures = 0;
    int most = 0;
    Optional<MultipartPlan> earlier = state.plan().filter(plan -> !plan.isExpired(Instant.now()));
    Optional<UploadMethod> next = earlier.map(UploadMethod.InParts::new);
    Backoff backoff = api.backoff();
    while (true) {
      UploadMethod transfer = next.orElseGet(() -> batch.ask(oid, file));
      boolean known = next.isPresent();
      next = Optional.empty();
      if (transfer instanceof UploadMethod.InParts(MultipartPlan parts) && !known) {
        state.follow(parts);
      }
      int kept = state.arrived().size();
      failures = kept > most ? 0 : failures;
      most = Math.max(most, kept);
      try {
        transfer(transfer, state, oid, file, sent, backoff);
        return sent.all();
      } catch (StaleAddresses e) {
        if (++failures > MOST_PLANS_WITHOUT_PROGRESS) {
          throw e.problem().toException();
        }
        api.notice(e.problem().line() + "; asking the Hub for new addresses");
      }
    }
  }

  private void transfer(
      UploadMethod transfer,
      UnfinishedUpload state,
      String oid,
      InputFile file,
      SentBytes sent,
      Backoff backoff) {
    switch (transfer) {
      case UploadMethod.Nothing _ -> {}
      case UploadMethod.Whole whole -> {
        progress.begin("uploading " + file.name(), file.size(), 0);
        whole(whole, file, sent, backoff);
        batch.verify(whole.verify(), oid, file.size());
      }
      case UploadMethod.InParts(MultipartPlan parts) -> {
        long missing = MultipartUpload.missingBytes(parts, state, file.size());
        String activity = missing < file.size() ? "resuming upload of " : "uploading ";
        progress.begin(activity + file.name(), missing, 0);
        new MultipartUpload(api, oid, file, parts, state, sent).run();
        batch.verify(parts.verify(), oid, file.size());
      }
    }
  }

  /** If the answer is lost, the Hub is asked: the object may have arrived. */
  private void whole(UploadMethod.Whole whole, InputFile file, SentBytes sent, Backoff backoff) {
    var storing = new StoragePut(api.http(), file, api.cancellation());
    var slice = new StoragePut.Slice(0, file.size(), "the file");
    try {
      storing.once(whole.address(), whole.headers(), slice, sent.slice(), backoff);
    } catch (IOException e) {
      file.verifyUnchanged();
      backoff.failed(whole.address(), e);
      throw new StaleAddresses(
          Problem.of(Kind.NETWORK, "the connection to the storage broke off").at(file.name()));
    }
  }
}
