package athanor.merge.engine;

import athanor.progress.Cancellation;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/**
 * Does independent pieces of work on several threads.
 *
 * @param threads number of threads, at least 1
 * @param cancellation looked at before every piece
 */
public record Workers(int threads, Cancellation cancellation) {

  /**
   * Calls {@code work} with every index below {@code count}, each once, begun in ascending order;
   * returns when all calls have ended.
   *
   * @throws athanor.error.AthanorException of kind CANCELLED if that was asked for; otherwise
   *     whatever a call threw first
   */
  public void forEach(int count, IntConsumer work) {
    forEach(count, () -> () -> {}, nothing -> work);
  }

  /** What a thread has to itself, let go without any failure. */
  interface Memory extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * As {@link #forEach(int, IntConsumer)}, with memory that each thread has to itself.
   *
   * @param memory makes a thread's memory, closed when the thread ends
   * @param work makes the work of one thread from its memory
   */
  <M extends Memory> void forEach(int count, Supplier<M> memory, Function<M, IntConsumer> work) {
    var next = new AtomicInteger();
    var failure = new AtomicReference<Throwable>();
    List<Thread> running = new ArrayList<>();
    for (int i = 0; i < Math.min(threads, count); i++) {
      running.add(
          Thread.ofPlatform()
              .name("worker-" + i)
              .start(() -> {
                try (M own = memory.get()) {
                  IntConsumer mine = work.apply(own);
                  int index;
                  while (failure.get() == null && (index = next.getAndIncrement()) < count) {
                    cancellation.check();
                    mine.accept(index);
                  }
                } catch (Throwable e) {
                  failure.compareAndSet(null, e);
                }
              }));
    }
    join(running);
    Throwable first = failure.get();
    if (first instanceof Error error) {
      throw error;
    }
    if (first != null) {
      throw (RuntimeException) first;
    }
  }

  /** Waits for all even when this thread is interrupted: they hold the files. */
  private void join(List<Thread> running) {
    boolean interrupted = false;
    for (Thread thread : running) {
      while (thread.isAlive()) {
        try {
          thread.join();
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
