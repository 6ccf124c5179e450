package athanor.web.bench;

import athanor.error.Problem;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** The jobs of the page: one runs, the others wait, all stay listed. Thread-safe. */
final class JobQueue implements AutoCloseable {
  private static final int SECONDS_TO_STOP = 10;

  private final Changes changes;
  private final List<BenchJob> jobs = new ArrayList<>();
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().name("jobs").daemon().factory());

  JobQueue(Changes changes) {
    this.changes = changes;
  }

  /** Puts work at the end of the queue; returns its number. */
  synchronized int add(String kind, String title, BenchJob.Work work) {
    var job = new BenchJob(jobs.size() + 1, kind, title, work, changes);
    jobs.add(job);
    thread.execute(job::run);
    changes.happened();
    return job.id();
  }

  /**
   * The job of this number.
   *
   * @throws athanor.error.AthanorException of kind USAGE if there is none
   */
  synchronized BenchJob at(int id) {
    return jobs.stream()
        .filter(job -> job.id() == id)
        .findFirst()
        .orElseThrow(() -> Problem.usage("there is no such job").found(id).toException());
  }

  /** All of them, the latest first. */
  synchronized List<BenchJob.View> views() {
    return jobs.reversed().stream().map(BenchJob::view).toList();
  }

  /** Cancels all and waits until the one that runs has cleaned up. */
  @Override
  public void close() {
    List<BenchJob> all;
    synchronized (this) {
      all = List.copyOf(jobs);
    }
    all.forEach(BenchJob::cancel);
    thread.shutdown();
    try {
      thread.awaitTermination(SECONDS_TO_STOP, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
