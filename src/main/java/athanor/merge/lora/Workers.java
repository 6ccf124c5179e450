package athanor.merge.lora;

import athanor.progress.Cancellation;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;

/** Does independent pieces of work on several threads. */
final class Workers {
  private final int threads;
  private final Cancellation cancellation;

  Workers(int threads, Cancellation cancellation) {
    this.threads = threads;
    this.cancellation = cancellation;
  }

  /**
   * Calls {@code work} with every index below {@code count}, each once, in no certain order;
   * returns when all calls have ended.
   *
   * @throws athanor.error.AthanorException of kind CANCELLED if that was asked for; otherwise
   *     whatever a call threw first
   */
  void forEach(int count, IntConsumer work) {
    var next = new AtomicInteger();
    var failure = new AtomicReference<Throwable>();
    List<Thread> workers = new ArrayList<>();
    for (int i = 0; i < Math.min(threads, count); i++) {
      workers.add(
          Thread.ofPlatform()
              .name("lora-" + i)
              .start(() -> {
                try {
                  int index;
                  while (failure.get() == null && (index = next.getAndIncrement()) < count) {
                    cancellation.check();
                    work.accept(index);
                  }
                } catch (Throwable e) {
                  failure.compareAndSet(null, e);
                }
              }));
    }
    join(workers);
    Throwable first = failure.get();
    if (first instanceof Error error) {
      throw error;
    }
    if (first != null) {
      throw (RuntimeException) first;
    }
  }

  /** Waits for all workers even when this thread is interrupted: they hold the files. */
  private void join(List<Thread> workers) {
    boolean interrupted = false;
    for (Thread worker : workers) {
      while (worker.isAlive()) {
        try {
          worker.join();
        } catch (InterruptedException e) {
          interrupted = true;
          cancellation.request();
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
