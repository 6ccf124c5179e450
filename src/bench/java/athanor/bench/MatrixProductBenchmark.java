package athanor.bench;

import athanor.kernel.Kernels;
import athanor.kernel.PackedMatrix;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The low-rank product {@code C[m, n] += A[m, k]·B[k, n]} in GFLOP/s, at shapes {@code m x k x n}
 * of checkpoints. {@code whole} writes all of C, {@code blocks} the same block of 64 rows again and
 * again, as a merge does. With {@code -t 2} the sum of two threads.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class MatrixProductBenchmark {
  private static final int BLOCK_ROWS = 64;

  /** Shape as {@code m x k x n}. */
  @Param({"1280x64x1280", "3072x64x12288", "320x16x320", "1280x32x11520"})
  public String shape = "";

  private final Kernels kernels = Kernels.create();
  private int m;
  private int k;
  private int n;
  private float[] a = {};
  private float[] c = {};
  private PackedMatrix b = kernels.pack(0, 0, a, 0, 0);

  /** Counts floating-point operations. */
  @State(Scope.Thread)
  @AuxCounters(AuxCounters.Type.OPERATIONS)
  public static class Counter {
    /** 10⁹ floating-point operations; the rate is GFLOP/s. */
    public double gigaflop;
  }

  /** Random factors of the shape. */
  @Setup
  public void create() {
    int[] sizes = Sizes.parse(shape);
    m = sizes[0];
    k = sizes[1];
    n = sizes[2];
    a = Sizes.gaussians(1, m * k);
    b = kernels.pack(k, n, Sizes.gaussians(2, k * n), 0, n);
    c = new float[m * n];
  }

  /** All rows in one call. */
  @Benchmark
  public float[] whole(Counter counter) {
    kernels.multiplyAdd(m, a, 0, k, b, c, 0, n);
    counter.gigaflop += 2e-9 * m * k * n;
    return c;
  }

  /** Blocks of rows into a buffer that stays in the cache. */
  @Benchmark
  public float[] blocks(Counter counter) {
    for (int row = 0; row < m; row += BLOCK_ROWS) {
      kernels.multiplyAdd(Math.min(BLOCK_ROWS, m - row), a, row * k, k, b, c, 0, n);
    }
    counter.gigaflop += 2e-9 * m * k * n;
    return c;
  }
}
