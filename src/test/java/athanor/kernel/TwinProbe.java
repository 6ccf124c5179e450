package athanor.kernel;

import athanor.tensor.DType;
import athanor.testkit.Gen;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.stream.IntStream;

/** Everything the kernels can do, on fixed data, as bits; loaded anew for each vector width. */
final class TwinProbe {
  private static final int[] SIZES = {0, 1, 2, 3, 7, 13, 16, 31, 61, 127, 251, 1021};

  private final Gen gen = Gen.fixed(20261123);
  private final IntStream.Builder bits = IntStream.builder();
  private final Kernels kernels;

  private TwinProbe(Kernels kernels) {
    this.kernels = kernels;
  }

  /** The bits of every result; {@code repetitions} let the compiler take over. */
  static int[] bits(boolean vector, int repetitions) {
    int[] bits = {};
    for (int i = 0; i < repetitions; i++) {
      TwinProbe probe = new TwinProbe(vector ? new VectorKernels() : new ScalarKernels());
      probe.products();
      probe.conversions();
      probe.columns();
      probe.decompositions();
      bits = probe.bits.build().toArray();
    }
    return bits;
  }

  static String description() {
    return new VectorKernels().description();
  }

  private void products() {
    for (int n : SIZES) {
      int m = gen.between(1, 13);
      int k = gen.between(1, 70);
      float[] c = gen.gaussians(m * n, 1);
      PackedMatrix b = kernels.pack(k, n, gen.gaussians(k * n, 1), 0, n);
      kernels.multiplyAdd(m, gen.gaussians(m * k, 1), 0, k, b, c, 0, n);
      add(c);
    }
  }

  private void conversions() {
    DType[] types = {DType.F64, DType.F32, DType.F16, DType.BF16, DType.F8_E4M3, DType.F8_E5M2};
    for (int count : SIZES) {
      float[] values = new float[count];
      for (int i = 0; i < count; i++) {
        values[i] = gen.coin() ? gen.gaussian(100) : Float.intBitsToFloat((int) gen.anyLong());
      }
      for (DType type : types) {
        try (Arena arena = Arena.ofConfined()) {
          MemorySegment segment = arena.allocate(1 + 8L * count);
          bits.add((int) kernels.fromFloat(values, 0, type, segment, 1, count));
          for (byte value : segment.toArray(ValueLayout.JAVA_BYTE)) {
            bits.add(value);
          }
          float[] back = new float[count];
          kernels.toFloat(type, segment, 1, back, 0, count);
          add(back);
        }
      }
      kernels.round(DType.F16, values, 0, count);
      add(values);
      kernels.round(DType.BF16, values, 0, count);
      add(values);
    }
  }

  private void columns() {
    for (int count : SIZES) {
      add(kernels.sumOfSquares(gen.gaussians(count + 1, 1), 1, count));
      double[] columns = new double[5 * count + 2];
      for (int i = 0; i < columns.length; i++) {
        columns[i] = gen.gaussian(1) * 1e-3 + gen.gaussian(1);
      }
      add(kernels.dot(columns, 1, columns, count + 1, count));
      kernels.reflect(columns, 0, count, 1.25, columns, count + 1, count, 3);
      kernels.rotate(columns, 1, 2 * count, count, 0.8, -0.6);
      add(columns);
    }
  }

  private void decompositions() {
    float[] up = gen.gaussians(31 * 7, 1);
    float[] down = gen.gaussians(7 * 37, 1);
    TruncatedSvd lowRank = LowRankSvd.of(kernels, 31, 7, 37, up, down).truncate(5);
    float[] matrix = gen.gaussians(31 * 37, 1);
    TruncatedSvd dense = DenseSvd.truncated(kernels, matrix, 31, 37, 4, 1).factors();
    for (TruncatedSvd svd : new TruncatedSvd[] {lowRank, dense}) {
      add(svd.u());
      add(svd.s());
      add(svd.vt());
    }
  }

  private void add(float... values) {
    for (float value : values) {
      bits.add(Float.floatToIntBits(value));
    }
  }

  private void add(double... values) {
    for (double value : values) {
      long wide = Double.doubleToLongBits(value);
      bits.add((int) wide).add((int) (wide >>> 32));
    }
  }
}
