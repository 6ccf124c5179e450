package athanor.adapter;

import athanor.kernel.Kernels;
import athanor.model.Target;
import athanor.tensor.Rows;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.util.Optional;

/**
 * ΔW = scale · up · down, where convolutions are taken as matrices over {@code [out, in·kh·kw]} and
 * a Tucker core is folded into {@code down} when the values are loaded. Where the checkpoint stores
 * the weight transposed, the delta becomes (up · down)ᵀ.
 *
 * @param source the file that holds the factors
 * @param module the module, as the file spells it
 * @param target the module of the checkpoint that receives it
 * @param columns changed columns
 * @param scale alpha / rank
 * @param up left factor, {@code [rows, rank]} when flattened
 * @param down right factor, {@code [rank, in]} or {@code [rank, in, kh, kw]}
 * @param mid Tucker core {@code [rank, rank, kh, kw]}, if any
 */
public record LowRankDelta(
    StateDict source,
    String module,
    Target target,
    long columns,
    double scale,
    TensorInfo up,
    TensorInfo down,
    Optional<TensorInfo> mid)
    implements Delta {

  @Override
  public Rows region() {
    return target.weight();
  }

  /** The inner dimension; of a Tucker pair, the one that {@code up} meets. */
  public int rank() {
    return Math.toIntExact(up.shape().columns());
  }

  /**
   * Reads the factors into float32 arrays, for the checkpoint's orientation of the weight.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if they cannot be read or hold NaN or
   *     infinite values
   */
  public LowRankFactors load(Kernels kernels) {
    LowRankFactors trained = loadAsTrained(kernels);
    if (!target.transposed()) {
      return trained;
    }
    return new LowRankFactors(
        trained.rank(),
        Transposed.of(trained.down(), trained.rank(), region().count()),
        Transposed.of(trained.up(), columns, trained.rank()));
  }

  /**
   * Reads the factors into float32 arrays as a LoRA file has them: {@code [out, rank]} and {@code
   * [rank, in]}, however the checkpoint stores the weight. A Tucker core is folded in; then the
   * inner dimension is that of {@code up}.
   *
   * @throws athanor.error.AthanorException as {@link #load}
   */
  public LowRankFactors loadAsTrained(Kernels kernels) {
    return load(source, up, down, mid, kernels);
  }

  /** The values of a pair, a Tucker core folded into the right factor; the rank is up's. */
  static LowRankFactors load(
      StateDict source, TensorInfo up, TensorInfo down, Optional<TensorInfo> mid, Kernels kernels) {
    float[] upValues = TensorValues.read(source, up, kernels);
    float[] downValues = TensorValues.read(source, down, kernels);
    if (mid.isPresent()) {
      float[] core = TensorValues.read(source, mid.get(), kernels);
      downValues = foldCore(core, downValues, mid.get(), Math.toIntExact(down.shape().columns()));
    }
    return new LowRankFactors(Math.toIntExact(up.shape().columns()), upValues, downValues);
  }

  /** D′[m, b·k] = Σₙ core[m, n, k] · down[n, b]: an ordinary right factor of the same rank. */
  private static float[] foldCore(float[] core, float[] down, TensorInfo mid, int inputs) {
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
