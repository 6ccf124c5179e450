package athanor.cli.terminal;

import java.util.OptionalDouble;

/**
 * How fast bytes come and how long the rest takes: the mean of the rate since the begin and that of
 * the last seconds, so that one slow moment does not count for long, nor a change for ever. Not
 * thread-safe.
 */
final class Pace {
  private static final double LOOK_BACK_SECONDS = 8;

  /** Before this a rate says nothing. */
  private static final double SETTLED_SECONDS = 1;

  private static final int SAMPLES = 32;

  private final double[] times = new double[SAMPLES];
  private final long[] amounts = new long[SAMPLES];
  private int count;
  private double now;
  private long done;

  /** Notes that {@code done} bytes in all are done, {@code seconds} after the begin. */
  void note(double seconds, long done) {
    this.now = seconds;
    this.done = done;
    int last = (count + SAMPLES - 1) % SAMPLES;
    if (count == 0 || seconds - times[last] >= LOOK_BACK_SECONDS / SAMPLES) {
      times[count % SAMPLES] = seconds;
      amounts[count % SAMPLES] = done;
      count++;
    }
  }

  /** Bytes a second; empty in the first second and before the first byte. */
  OptionalDouble rate() {
    if (now < SETTLED_SECONDS || done == 0) {
      return OptionalDouble.empty();
    }
    double overall = done / now;
    int oldest = Math.max(0, count - SAMPLES);
    while (oldest < count - 1 && now - times[oldest % SAMPLES] > LOOK_BACK_SECONDS) {
      oldest++;
    }
    double span = now - times[oldest % SAMPLES];
    double recent = span > 0 ? (done - amounts[oldest % SAMPLES]) / span : overall;
    return OptionalDouble.of((overall + recent) / 2);
  }

  /** Seconds until {@code total} bytes are done; empty while {@link #rate} is. */
  OptionalDouble secondsLeft(long total) {
    OptionalDouble rate = rate();
    return rate.isPresent()
        ? OptionalDouble.of(Math.max(0, total - done) / rate.getAsDouble())
        : OptionalDouble.empty();
  }
}
