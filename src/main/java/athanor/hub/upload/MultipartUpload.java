package athanor.hub.upload;

import athanor.error.Kind;
import athanor.error.Problem;
import athanor.file.InputFile;
import athanor.net.Backoff;
import athanor.net.Call;
import athanor.net.Content;
import athanor.net.Json;
import athanor.net.Refusal;
import athanor.net.Reply;
import athanor.progress.Cancellation;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Sends the missing parts of an object over several connections, each streamed from the file, and
 * puts them together.
 */
final class MultipartUpload {
  private final Api api;
  private final String oid;
  private final InputFile file;
  private final MultipartPlan parts;
  private final UnfinishedUpload state;
  private final SentBytes sent;
  private final Cancellation stop = new Cancellation();
  private final AtomicReference<RuntimeException> failure = new AtomicReference<>();
  private final ConcurrentLinkedQueue<Integer> missing = new ConcurrentLinkedQueue<>();

  MultipartUpload(
      Api api,
      String oid,
      InputFile file,
      MultipartPlan parts,
      UnfinishedUpload state,
      SentBytes sent) {
    this.api = api;
    this.oid = oid;
    this.file = file;
    this.parts = parts;
    this.state = state;
    this.sent = sent;
  }

  /** Bytes of the parts that have not arrived. */
  static long missingBytes(MultipartPlan parts, UnfinishedUpload state, long size) {
    return size
        - state.arrived().keySet().stream().mapToLong(number -> parts.length(number, size)).sum();
  }

  /**
   * Returns when the object is in the storage.
   *
   * @throws StaleAddresses if the addresses are of no use any more; parts that arrived are in the
   *     state
   * @throws athanor.error.AthanorException of kind NETWORK or CANCELLED, of kind BAD_FILE if the
   *     file changed meanwhile
   */
  void run() {
    Map<Integer, String> arrived = state.arrived();
    for (int number = 1; number <= parts.addresses().size(); number++) {
      if (!arrived.containsKey(number)) {
        missing.add(number);
      }
    }
    int workers = Math.min(api.http().settings().transfers().connections(), missing.size());
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < workers; i++) {
      threads.add(Thread.ofVirtual().name("upload-" + i).start(this::work));
    }
    join(threads);
    RuntimeException failed = failure.get();
    if (failed != null) {
      throw failed;
    }
    complete();
  }

  private void join(List<Thread> threads) {
    for (Thread thread : threads) {
      try {
        while (!thread.join(Duration.ofMillis(20))) {
          if (api.cancellation().isRequested()) {
            stop.request();
          }
        }
      } catch (InterruptedException e) {
        stop.request();
        Thread.currentThread().interrupt();
        throw Problem.of(Kind.CANCELLED, "cancelled").toException(e);
      }
    }
    api.cancellation().check();
  }

  private void work() {
    var storing = new StoragePut(api.http(), file, stop);
    try {
      Integer number;
      while (failure.get() == null && (number = missing.poll()) != null) {
        send(number, storing);
      }
    } catch (StaleAddresses e) {
      // Parts on their way may still arrive.
      failure.compareAndSet(null, e);
    } catch (RuntimeException e) {
      failure.compareAndSet(null, e);
      stop.request();
    }
  }

  private void send(int number, StoragePut storing) {
    if (parts.isExpired(Instant.now())) {
      throw new StaleAddresses(
          Problem.of(Kind.NETWORK, "the addresses expired before the file was sent")
              .at(file.name())
              .help("the line is slow: use the Hub's own program, hf upload"));
    }
    String what = "part " + number + " of " + parts.addresses().size();
    var slice = new StoragePut.Slice(parts.offset(number), parts.length(number, file.size()), what);
    String etag = storing.put(parts.addresses().get(number - 1), slice, sent.slice());
    if (etag.isEmpty()) {
      throw Problem.of(Kind.NETWORK, "the storage does not say what it stored (no ETag)")
          .at(file.name() + ", " + what)
          .help("a proxy on the way may drop it; try another network")
          .toException();
    }
    state.arrived(number, etag);
  }

  private void complete() {
    List<Json> list = new ArrayList<>();
    state
        .arrived()
        .forEach((number, etag) -> {
          Map<String, Json> part = new LinkedHashMap<>();
          part.put("partNumber", Json.of(number));
          part.put("etag", Json.of(etag));
          list.add(Json.of(part));
        });
    Map<String, Json> body = new LinkedHashMap<>();
    body.put("oid", Json.of(oid));
    body.put("parts", new Json.Items(list));
    Call call =
        Call.post(parts.completion(), Content.json(Json.of(body), Batch.TYPE))
            .with("Accept", Batch.TYPE)
            .patient(api.longAnswer());
    Backoff backoff = api.backoff();
    while (true) {
      try (Reply reply = api.http().send(call, api.cancellation())) {
        if (reply.isSuccess()) {
          return;
        }
        Refusal refusal = reply.refusal();
        Problem problem = UploadRefusals.ofStorage(refusal, "to put the parts together");
        if (!StoragePut.mayRepeat(refusal)) {
          state.forget();
          throw new StaleAddresses(problem);
        }
        backoff.failed(refusal, problem);
      } catch (IOException e) {
        backoff.failed(call.address(), e);
      }
    }
  }
}
