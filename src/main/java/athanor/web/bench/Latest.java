package athanor.web.bench;

import athanor.progress.Cancellation;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;

/**
 * Runs work of which only the latest matters: giving it more cancels what runs. One thread.
 * Thread-safe.
 */
final class Latest implements AutoCloseable {
  private final ExecutorService thread;
  private Cancellation current = new Cancellation();

  Latest(String name) {
    thread = Executors.newSingleThreadExecutor(Thread.ofPlatform().name(name).daemon().factory());
  }

  /** Runs this next, and asks what runs or waits to stop. */
  synchronized void run(Consumer<Cancellation> work) {
    current.request();
    var cancellation = new Cancellation();
    current = cancellation;
    thread.execute(() -> {
      if (!cancellation.isRequested()) {
        work.accept(cancellation);
      }
    });
  }

  /** Asks what runs or waits to stop. */
  synchronized void cancel() {
    current.request();
  }

  @Override
  public void close() {
    cancel();
    thread.shutdown();
  }
}
