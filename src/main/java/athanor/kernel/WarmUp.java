package athanor.kernel;

import athanor.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;

/**
 * Runs kernels on small data in the background, so that Java has compiled them when the work
 * begins: until then a product on vector registers is hundreds of times slower. Meant for the time
 * in which inputs are opened and checked.
 */
public final class WarmUp {
  private static final int ROWS = 16;
  private static final int INNER = 64;
  private static final int COLUMNS = 320;

  /** A round of compiled kernels takes a tenth of this. */
  private static final long FAST_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

  private static final int FAST_ROUNDS = 20;
  private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final Kernels kernels;
  private volatile boolean stopped;

  private WarmUp(Kernels kernels) {
    this.kernels = kernels;
  }

  /**
   * Starts a thread that ends when the kernels are fast, after a second, or when
   * it is stopped, whichever comes first.
   */
  public static WarmUp start(Kernels kernels) {
    var warmUp = new WarmUp(kernels);
    Thread.ofPlatform().daemon().name("warm-up").start(warmUp::run);
    return warmUp;
  }

  private void run() {
    float[] a = new float[ROWS * INNER];
    float[] c = new float[ROWS * COLUMNS];
    PackedMatrix b = kernels.pack(INNER, COLUMNS, new float[INNER * COLUMNS], 0, COLUMNS);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment stored = arena.allocate(2L * c.length, 64);
      long start = System.nanoTime();
      long before = start;
      int fast = 0;
      while (!stopped && fast < FAST_ROUNDS && before - start < LONGEST_NANOS) {
        kernels.toFloat(DType.F16, stored, 0, c, 0, c.length);
        kernels.multiplyAdd(ROWS, a, 0, INNER, b, c, 0, COLUMNS);
        kernels.fromFloat(c, 0, DType.F16, stored, 0, c.length);
        long now = System.nanoTime();
        fast = now - before < FAST_NANOS ? fast + 1 : 0;
        before = now;
      }
    }
  }

  /** Lets the thread end after its current round; does not wait. */
  public void stop() {
    stopped = true;
  }
}
