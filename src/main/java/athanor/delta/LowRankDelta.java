package athanor.delta;

import athanor.kernel.PackedMatrix;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.util.Arrays;
import java.util.Optional;

/**
 * ΔW = scale · up · down, where convolutions are taken as matrices over {@code [out, in·kh·kw]} and
 * a Tucker core is folded into {@code down} when the values are loaded.
 *
 * @param source the file that holds the factors
 * @param up left factor, {@code [out, rank]} when flattened
 * @param down right factor, {@code [rank, in]} or {@code [rank, in, kh, kw]}
 * @param mid Tucker core {@code [rank, rank, kh, kw]}, if any
 * @param scale alpha / rank
 */
public record LowRankDelta(
    StateDict source, TensorInfo up, TensorInfo down, Optional<TensorInfo> mid, double scale)
    implements Delta, LowRank {

  @Override
  public long outputs() {
    return up.shape().rows();
  }

  @Override
  public long inputs() {
    long kernel = mid.map(core -> core.shape().dim(2) * core.shape().dim(3)).orElse(1L);
    return down.shape().columns() * kernel;
  }

  /** The inner dimension; of a Tucker pair, the one that {@code up} meets. */
  @Override
  public int rank() {
    return Math.toIntExact(up.shape().columns());
  }

  @Override
  public long loadedBytes() {
    return (long) Float.BYTES * rank() * (outputs() + inputs());
  }

  @Override
  public Optional<LowRank> stackable() {
    return Optional.of(this);
  }

  @Override
  public LowRankFactors factors(Arithmetic arithmetic) {
    float[] left = arithmetic.read(source, up);
    float[] right = arithmetic.read(source, down);
    if (mid.isPresent()) {
      float[] core = arithmetic.read(source, mid.get());
      right = foldCore(core, right, mid.get(), Math.toIntExact(down.shape().columns()));
    }
    return new LowRankFactors(rank(), arithmetic.rounded(left), arithmetic.rounded(right));
  }

  @Override
  public LoadedDelta load(Arithmetic arithmetic) {
    return loaded(factors(arithmetic), Math.toIntExact(inputs()), arithmetic);
  }

  /** Rows of a product, computed when they are asked for. */
  static LoadedDelta loaded(LowRankFactors factors, int width, Arithmetic arithmetic) {
    int rank = factors.rank();
    PackedMatrix packed = arithmetic.kernels().pack(rank, width, factors.down(), 0, width);
    return (from, to, target) -> {
      Arrays.fill(target, 0, (to - from) * width, 0f);
      arithmetic
          .kernels()
          .multiplyAdd(to - from, factors.up(), from * rank, rank, packed, target, 0, width);
    };
  }

  /** D′[m, b·k] = Σₙ core[m, n, k] · down[n, b]: an ordinary right factor of the same rank. */
  static float[] foldCore(float[] core, float[] down, TensorInfo mid, int inputs) {
    int outer = Math.toIntExact(mid.shape().dim(0));
    int inner = Math.toIntExact(mid.shape().dim(1));
    int kernel = Math.toIntExact(mid.shape().dim(2) * mid.shape().dim(3));
    float[] folded = new float[outer * inputs * kernel];
    for (int m = 0; m < outer; m++) {
      for (int b = 0; b < inputs; b++) {
        for (int k = 0; k < kernel; k++) {
          float sum = 0;
          for (int n = 0; n < inner; n++) {
            sum = Math.fma(core[(m * inner + n) * kernel + k], down[n * inputs + b], sum);
          }
          folded[(m * inputs + b) * kernel + k] = sum;
        }
      }
    }
    return folded;
  }
}
