package athanor.web.bench;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Counts changes, so that somebody can wait for the next one. Thread-safe. */
final class Changes {
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition more = lock.newCondition();
  private long count = 1;

  /** Something has changed. */
  void happened() {
    lock.lock();
    try {
      count++;
      more.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** How many there have been. */
  long count() {
    lock.lock();
    try {
      return count;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until there are more than {@code seen}, at most so long; returns how many there are. */
  long await(long seen, long millis) throws InterruptedException {
    long left = TimeUnit.MILLISECONDS.toNanos(millis);
    lock.lock();
    try {
      while (count <= seen && left > 0) {
        left = more.awaitNanos(left);
      }
      return count;
    } finally {
      lock.unlock();
    }
  }
}
