package athanor.merge.engine;

import athanor.error.AthanorException;
import athanor.file.OutputFile;
import org.jspecify.annotations.Nullable;

/**
 * Puts finished bytes on the disk while later ones are still computed, so that little is left to
 * wait for at the end. A thread of its own flushes the output every time enough has been written.
 * Safe for use by several writers.
 */
final class WriteBehind implements AutoCloseable {
  /** Large enough that few flushes happen, small enough that the last one is short. */
  private static final long STEP_BYTES = 192L << 20;

  private final OutputFile output;
  private final long stepBytes;
  private final Thread thread;
  private long pending;
  private boolean closed;
  private @Nullable Throwable failure;

  WriteBehind(OutputFile output) {
    this(output, STEP_BYTES);
  }

  /** Flushes whenever {@code stepBytes} more have been written. */
  WriteBehind(OutputFile output, long stepBytes) {
    this.output = output;
    this.stepBytes = stepBytes;
    this.thread = Thread.ofPlatform().daemon().name("write-behind").start(this::flushSteps);
  }

  /**
   * Says that more bytes have been written.
   *
   * @throws AthanorException of kind RESOURCES if an earlier flush met a failing disk
   */
  synchronized void written(long bytes) {
    requireHealthy();
    pending += bytes;
    if (pending >= stepBytes) {
      notifyAll();
    }
  }

  private void flushSteps() {
    try {
      while (awaitStep()) {
        output.flush();
      }
    } catch (Throwable e) {
      synchronized (this) {
        failure = e;
      }
    }
  }

  private synchronized boolean awaitStep() throws InterruptedException {
    while (!closed && pending < stepBytes) {
      wait();
    }
    pending = 0;
    return !closed;
  }

  /**
   * Ends the thread, after the flush that it may be in. What is not flushed yet is left to {@link
   * OutputFile#seal}. The system reports a failing disk once only: whoever relies on the output
   * calls {@link #requireHealthy} after this.
   */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Throws what a flush failed with. */
  synchronized void requireHealthy() {
    if (failure instanceof AthanorException e) {
      throw e;
    }
    if (failure != null) {
      throw new IllegalStateException("flushing the output failed", failure);
    }
  }
}
