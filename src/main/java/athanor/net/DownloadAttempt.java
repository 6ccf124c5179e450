package athanor.net;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.error.Problem;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/**
 * One attempt at fetching all missing bytes of a file: several readers share the work, a thread
 * follows with the hash, and every few seconds what has arrived is made durable. It ends when all
 * bytes are there or the first reader fails for good.
 */
final class DownloadAttempt {
  private static final long TICK_MILLIS = 20;
  private static final long LAST_WORDS_MILLIS = 5_000;

  private final Http http;
  private final LocatedBody body;
  private final Download.Wanted wanted;
  private final PartFile part;
  private final ReceivedBytes receivedBytes;
  private final Progress progress;
  private final Cancellation outer;
  private final UnknownLength bound;
  private final Cancellation stop = new Cancellation();
  private final AtomicReference<RuntimeException> failure = new AtomicReference<>();
  private volatile Optional<Validator> validator;
  private final AtomicLong transferred = new AtomicLong();
  private final List<Thread> helpers = new CopyOnWriteArrayList<>();
  private final boolean ranged;
  private volatile int connections;
  private volatile boolean ended;

  DownloadAttempt(
      Http http,
      LocatedBody body,
      Download.Wanted wanted,
      PartFile part,
      PartState state,
      boolean ranged,
      Progress progress,
      Cancellation cancellation) {
    this.http = http;
    this.body = body;
    this.wanted = wanted;
    this.part = part;
    this.receivedBytes = new ReceivedBytes(state.size(), state.spans());
    this.validator = state.validator();
    this.ranged = ranged;
    this.connections = ranged ? http.settings().transfers().connections() : 1;
    this.progress = progress;
    this.outer = cancellation;
    this.bound = new UnknownLength(wanted.target(), http.settings().transfers().mostUnknown());
  }

  /** Fetches all missing bytes; returns the SHA-256 of the file in lower-case hex. */
  String run() {
    long before = receivedBytes.received();
    if (receivedBytes.total() >= 0) {
      Download.requireSpace(wanted.target(), receivedBytes.total() - before);
    }
    String activity = (before > 0 ? "resuming " : "downloading ") + wanted.name();
    progress.begin(activity, Math.max(0, receivedBytes.total() - before), 0);
    PrefixHash hash = PrefixHash.follow(part.channel(), receivedBytes);
    hash.result()
        .exceptionally(e -> {
          fail(part.unreadable(e));
          return Optional.empty();
        });
    Thread keeper = Thread.ofPlatform().daemon().name("keep-download").start(this::keep);
    var atExit = new Thread(() -> stopAndKeep(keeper), "keep-download-at-exit");
    boolean hooked = ShutdownHooks.add(atExit);
    try {
      while (!receivedBytes.isComplete() && failure.get() == null) {
        work(0);
        join(helpers);
        helpers.clear();
      }
    } finally {
      ended = true;
      join(List.of(keeper));
      if (hooked) {
        ShutdownHooks.remove(atExit);
      }
      if (!receivedBytes.isComplete()) {
        receivedBytes.abandon();
      }
      progress.end();
    }
    return result(hash);
  }

  private String result(PrefixHash hash) {
    RuntimeException failed = failure.get();
    if (failed != null) {
      hash.result().exceptionally(e -> Optional.empty()).join();
      throw failed;
    }
    try {
      while (true) {
        if (hash.result().isDone()) {
          part.endAt(receivedBytes.total());
          return hash.result().get().orElseThrow();
        }
        if (outer.isRequested()) {
          receivedBytes.abandon();
        }
        outer.check();
        Interruptions.sleep(5);
      }
    } catch (InterruptedException e) {
      throw Interruptions.cancelled(e);
    } catch (ExecutionException e) {
      throw part.unreadable(Objects.requireNonNullElse(e.getCause(), e));
    }
  }

  /** The process ends (Ctrl-C): what has arrived is made durable first. */
  private void stopAndKeep(Thread keeper) {
    fail(cancelled());
    try {
      keeper.join(LAST_WORDS_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Passes a wish to stop on to the readers, and keeps the state beside the part up to date. */
  private void keep() {
    long period = http.settings().transfers().checkpoint().toNanos();
    long next = System.nanoTime() + period;
    while (!ended) {
      if (outer.isRequested()) {
        fail(cancelled());
      }
      if (System.nanoTime() - next >= 0) {
        checkpoint();
        next = System.nanoTime() + period;
      }
      try {
        Thread.sleep(TICK_MILLIS);
      } catch (InterruptedException e) {
        break;
      }
    }
    checkpoint();
  }

  private static RuntimeException cancelled() {
    return Problem.of(Kind.CANCELLED, "cancelled; running again goes on from here").toException();
  }

  private void checkpoint() {
    List<ReceivedBytes.Span> spans = receivedBytes.spans();
    RuntimeException failed = failure.get();
    if (spans.isEmpty() || failed instanceof StartOver || failed instanceof EndlessBody) {
      return;
    }
    try {
      part.checkpoint(
          new PartState(
              wanted.identity(), receivedBytes.total(), wanted.sha256(), validator, spans));
    } catch (IOException e) {
      http.settings().notices().accept("the state of the download cannot be kept: " + e);
    }
  }

  private void work(int index) {
    try {
      var reader = new ExtentReader(this, index);
      while (index < connections && !stop.isRequested()) {
        Optional<ReceivedBytes.Extent> extent = receivedBytes.take(extentLength());
        if (extent.isEmpty()) {
          return;
        }
        try {
          reader.read(extent.get());
        } finally {
          receivedBytes.release(extent.get());
        }
      }
    } catch (RuntimeException e) {
      if (index > 0 && e instanceof AthanorException known && isNetwork(known)) {
        useOneConnection();
      } else {
        fail(e);
      }
    }
  }

  private static boolean isNetwork(AthanorException e) {
    return e.problem().kind() == Kind.NETWORK;
  }

  private long extentLength() {
    HttpSettings.Transfers transfers = http.settings().transfers();
    boolean parallel = connections > 1 && receivedBytes.total() >= transfers.parallelFrom();
    return parallel ? transfers.segment() : ReceivedBytes.OPEN_END;
  }

  /** The server understands ranges: a large file gets more readers. */
  synchronized void serverUnderstandsRanges(ReceivedBytes.Extent extent) {
    HttpSettings.Transfers transfers = http.settings().transfers();
    if (!helpers.isEmpty()
        || connections == 1
        || receivedBytes.total() < transfers.parallelFrom()) {
      return;
    }
    receivedBytes.shorten(extent, transfers.segment());
    for (int index = 1; index < connections; index++) {
      int number = index;
      helpers.add(
          Thread.ofPlatform().daemon().name("download-" + number).start(() -> work(number)));
    }
  }

  /** The server does not like several connections at once. */
  void useOneConnection() {
    connections = 1;
  }

  private void fail(RuntimeException e) {
    failure.compareAndSet(null, e);
    stop.request();
    receivedBytes.abandon();
  }

  private static void join(List<Thread> threads) {
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException e) {
      throw Interruptions.cancelled(e);
    }
  }

  /**
   * So many bytes more are in the file.
   *
   * @throws EndlessBody if the size is not known and more bytes may not come
   */
  void received(int count) {
    transferred.addAndGet(count);
    progress.advance(count, 0);
    if (receivedBytes.total() < 0) {
      bound.require(receivedBytes.received());
    }
  }

  long transferred() {
    return transferred.get();
  }

  Http http() {
    return http;
  }

  LocatedBody body() {
    return body;
  }

  Download.Wanted wanted() {
    return wanted;
  }

  PartFile part() {
    return part;
  }

  ReceivedBytes receivedBytes() {
    return receivedBytes;
  }

  Cancellation stop() {
    return stop;
  }

  boolean ranged() {
    return ranged;
  }

  Optional<Validator> validator() {
    return validator;
  }

  void validator(Optional<Validator> seen) {
    validator = seen;
  }
}
