package athanor.hub.upload;

import athanor.progress.Progress;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/**
 * Counts what has been sent: for the user each byte once, however often a part has to be sent; and
 * apart from that all bytes that went over the line. Thread-safe.
 */
final class SentBytes {
  private final Progress progress;
  private final AtomicLong all = new AtomicLong();

  SentBytes(Progress progress) {
    this.progress = progress;
  }

  /** The counter of one slice, used by one attempt at a time. */
  LongConsumer slice() {
    return new LongConsumer() {
      private long furthest;
      private long last;

      @Override
      public synchronized void accept(long position) {
        all.addAndGet(Math.max(0, position - last));
        last = position;
        if (position > furthest) {
          progress.advance(position - furthest, 0);
          furthest = position;
        }
      }
    };
  }

  /** All bytes that went over the line, repetitions included. */
  long all() {
    return all.get();
  }
}
