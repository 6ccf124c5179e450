package athanor.job.session;

import athanor.progress.Progress;
import java.time.Duration;

/** Turns the advance of work into events: at its begin and end, and now and then between. */
final class AdvanceEvents implements Progress {
  private static final long INTERVAL_NANOS = Duration.ofMillis(100).toNanos();

  private final JobListener listener;
  private String activity = "";
  private long totalBytes;
  private int totalItems;
  private long bytes;
  private int items;
  private boolean running;
  private long told;

  AdvanceEvents(JobListener listener) {
    this.listener = listener;
  }

  @Override
  public synchronized void begin(String activity, long totalBytes, int totalItems) {
    end();
    this.activity = activity;
    this.totalBytes = totalBytes;
    this.totalItems = totalItems;
    bytes = 0;
    items = 0;
    running = true;
    tell();
  }

  @Override
  public synchronized void advance(long moreBytes, int moreItems) {
    bytes += moreBytes;
    items += moreItems;
    if (System.nanoTime() - told >= INTERVAL_NANOS) {
      tell();
    }
  }

  @Override
  public synchronized void end() {
    if (running) {
      running = false;
      tell();
    }
  }

  private void tell() {
    told = System.nanoTime();
    listener.hear(new JobEvent.Advanced(activity, bytes, totalBytes, items, totalItems));
  }
}
