package athanor.bench;

import athanor.kernel.Kernels;
import athanor.tensor.DType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Conversion of 65 536 elements between unaligned native memory and {@code float[]}, within the
 * cache. An operation is an element: operations per nanosecond are 10⁹ elements per second.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
@OperationsPerInvocation(ConversionBenchmark.COUNT)
public class ConversionBenchmark {
  static final int COUNT = 65_536;
  private static final long UNALIGNED = 1;

  /** The stored type. */
  @Param({"F16", "BF16", "F32", "F64", "F8_E4M3", "F8_E5M2"})
  public DType dtype = DType.F16;

  private final Kernels kernels = Kernels.create();
  private final float[] values = Sizes.gaussians(3, COUNT);
  private final MemorySegment stored = Arena.ofAuto().allocate(8L * COUNT + UNALIGNED, 64);

  /** Stored values of the type. */
  @Setup
  public void store() {
    kernels.fromFloat(values, 0, dtype, stored, UNALIGNED, COUNT);
  }

  /** Reading. */
  @Benchmark
  public float[] toFloat() {
    kernels.toFloat(dtype, stored, UNALIGNED, values, 0, COUNT);
    return values;
  }

  /** Rounding, storing and counting what is not finite. */
  @Benchmark
  public long fromFloat() {
    return kernels.fromFloat(values, 0, dtype, stored, UNALIGNED, COUNT);
  }
}
