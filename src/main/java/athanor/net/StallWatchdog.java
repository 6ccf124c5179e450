package athanor.net;

import athanor.progress.Cancellation;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Looks after bodies that are being read: closes those whose server has sent nothing worth speaking
 * of for too long, and those whose work was cancelled. Only time spent waiting for the server
 * counts, not the time in which the reader was busy elsewhere.
 */
final class StallWatchdog implements AutoCloseable {
  private static final int WORTH_SPEAKING_OF = 4096;

  private final long patienceNanos;
  private final Set<Body> bodies = ConcurrentHashMap.newKeySet();
  private final Thread thread;
  private volatile boolean closed;

  StallWatchdog(Duration patience) {
    this.patienceNanos = patience.toNanos();
    this.thread = Thread.ofVirtual().name("watch-downloads").start(this::watch);
  }

  /** The body under watch; {@code host} is for the message. */
  InputStream over(InputStream body, String host, Cancellation cancellation) {
    var watched = new Body(body, host, cancellation);
    bodies.add(watched);
    return watched;
  }

  private void watch() {
    long pause = Math.clamp(patienceNanos / 4_000_000, 10, 200);
    while (!closed) {
      bodies.forEach(Body::look);
      try {
        Thread.sleep(pause);
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }

  private final class Body extends FilterInputStream {
    private final String host;
    private final Cancellation cancellation;
    private volatile long waitingSince;
    private volatile long waited;
    private volatile boolean gaveUp;
    private int arrived;

    Body(InputStream in, String host, Cancellation cancellation) {
      super(in);
      this.host = host;
      this.cancellation = cancellation;
    }

    void look() {
      long since = waitingSince;
      long pending = since == 0 ? 0 : System.nanoTime() - since;
      gaveUp |= since != 0 && waited + pending > patienceNanos;
      if (gaveUp || cancellation.isRequested()) {
        try {
          close();
        } catch (IOException e) {
          // The reader is told by its own exception.
        }
      }
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      long start = System.nanoTime() | 1;
      waitingSince = start;
      try {
        int count = in.read(target, offset, length);
        count(count, System.nanoTime() - start);
        return count;
      } catch (IOException e) {
        cancellation.check();
        if (gaveUp) {
          throw new IOException(
              "no data from " + host + " for " + patienceNanos / 1_000_000_000 + " s", e);
        }
        throw e;
      } finally {
        waitingSince = 0;
      }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // one thread writes, others only look
    private void count(int count, long nanos) {
      arrived += Math.max(0, count);
      if (arrived >= WORTH_SPEAKING_OF) {
        arrived = 0;
        waited = 0;
      } else {
        waited += nanos;
      }
    }

    @Override
    public void close() throws IOException {
      bodies.remove(this);
      super.close();
    }
  }
}
