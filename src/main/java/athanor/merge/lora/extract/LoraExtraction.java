package athanor.merge.lora.extract;

import athanor.delta.LowRankFactors;
import athanor.error.Problem;
import athanor.kernel.DenseSvd;
import athanor.kernel.Kernels;
import athanor.kernel.TruncatedSvd;
import athanor.merge.lora.BalancedFactors;
import athanor.merge.lora.LeftOut;
import athanor.merge.lora.LoraFormat;
import athanor.merge.lora.LoraModule;
import athanor.merge.lora.LoraPlan;
import athanor.merge.lora.LosslessType;
import athanor.merge.lora.ModuleChange;
import athanor.merge.lora.ModuleChanges;
import athanor.merge.lora.ModuleMemory;
import athanor.merge.lora.ModulePool;
import athanor.merge.lora.PairShape;
import athanor.model.CheckpointModel;
import athanor.tensor.DType;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Makes the LoRA that turns one checkpoint into another, as far as its rank allows: for each module
 * that kohya's trainers change, the best low-rank approximation of tuned − base by a randomised
 * decomposition with a fixed seed. alpha is the rank, so the scale is 1.
 */
public final class LoraExtraction {
  private static final long SEED = 0x5eed;

  /** A squared error, relative, that a difference of norms hardly shows: it is computed. */
  private static final double SMALL_ERROR = 1e-3;

  private final Kernels kernels;
  private final ModulePool pool;

  /** An extraction with this arithmetic on these workers. */
  public LoraExtraction(Kernels kernels, ModulePool pool) {
    this.kernels = kernels;
    this.pool = pool;
  }

  /**
   * A checkpoint to compare.
   *
   * @param file the open file
   * @param model what it is
   */
  public record Side(StateDict file, CheckpointModel model) {}

  /**
   * Plans an extraction. Reads the modules until each is known to differ, and all other weights, so
   * that the error is one of all that differs.
   *
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if a weight differs in shape or
   *     nothing differs; of kind BAD_FILE if a file cannot be read, or, while the modules are
   *     written, if a difference is NaN or infinite; of kind CANCELLED
   */
  public LoraPlan plan(Side base, Side tuned, ExtractionOptions options) {
    var difference = new ModuleDifference(base, tuned, options.loadPrecision(), kernels);
    List<String> notes = new ArrayList<>();
    List<ModuleDifference.Pair> all = difference.pairs(options.convRank().isPresent());
    List<ModuleDifference.Pair> texts = sameTextEncoders(all, difference, options, notes);
    List<ModuleDifference.Pair> pairs = all.stream().filter(pair -> !texts.contains(pair)).toList();
    List<ModuleDifference.Pair> differing = differing(pairs, difference);
    List<LeftOut> leftOut =
        RemainingWeights.of(
            base, tuned, pairs, texts, options.loadPrecision().dtype(), kernels, pool);
    if (differing.isEmpty()) {
      throw nothingDiffers(base, tuned, pairs.size(), leftOut).toException();
    }
    int same = pairs.size() - differing.size();
    if (same > 0) {
      notes.add(same + " of " + pairs.size() + " modules are the same in both and left out");
    }
    if (!leftOut.isEmpty()) {
      notes.add("these differ too, but are not in the LoRA: " + listed(leftOut));
    }
    DType dtype = options.savePrecision().orElse(LosslessType.of(types(tuned.file(), pairs)));
    var changes = new ModuleChanges(leftOut);
    List<LoraModule> modules =
        differing.stream().map(pair -> module(pair, difference, options, dtype, changes)).toList();
    return new LoraPlan(modules, changes, notes);
  }

  private static String listed(List<LeftOut> leftOut) {
    return leftOut.stream().map(LeftOut::toString).collect(Collectors.joining("; "));
  }

  private List<ModuleDifference.Pair> differing(
      List<ModuleDifference.Pair> pairs, ModuleDifference difference) {
    List<Boolean> differs =
        pool.map(
            "comparing",
            pairs,
            pair -> pair.shape().bytesPerRank(DType.F32) * pair.shape().rank(),
            difference::differs);
    return IntStream.range(0, pairs.size()).filter(differs::get).mapToObj(pairs::get).toList();
  }

  /**
   * About the most bytes that the result takes, from the structure of both files alone.
   *
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if a weight differs in shape or no
   *     module is in both
   */
  public long forecast(Side base, Side tuned, ExtractionOptions options) {
    var difference = new ModuleDifference(base, tuned, options.loadPrecision(), kernels);
    var pairs = difference.pairs(options.convRank().isPresent());
    DType dtype = options.savePrecision().orElse(LosslessType.of(types(tuned.file(), pairs)));
    return pairs.stream()
        .mapToLong(pair -> pair.shape().bytesPerRank(dtype) * rank(pair.shape(), options))
        .sum();
  }

  private static Problem nothingDiffers(Side base, Side tuned, int modules, List<LeftOut> leftOut) {
    if (leftOut.isEmpty()) {
      return Problem.incompatible("there is nothing to extract: no module differs")
          .at(tuned.file().name())
          .found(modules + " modules compared with " + base.file().name())
          .help("give two different checkpoints");
    }
    return Problem.incompatible(
            "there is nothing to extract: only weights differ that this LoRA would not hold")
        .at(tuned.file().name())
        .found(listed(leftOut))
        .expected("a module of " + modules + " that differs from " + base.file().name())
        .help(
            "--conv-rank takes weights of residual blocks, --min_diff 0 text encoders that hardly"
                + " differ; a LoRA holds nothing else");
  }

  /**
   * The text encoder modules if none of their weights differs by more than the threshold, so that
   * they count as not trained; else none.
   */
  private List<ModuleDifference.Pair> sameTextEncoders(
      List<ModuleDifference.Pair> pairs,
      ModuleDifference difference,
      ExtractionOptions options,
      List<String> notes) {
    List<ModuleDifference.Pair> texts =
        pairs.stream().filter(pair -> pair.base().component().isTextEncoder()).toList();
    if (texts.isEmpty()) {
      return texts;
    }
    double largest = 0;
    for (ModuleDifference.Pair pair : texts) {
      pool.cancellation().check();
      largest = Math.max(largest, difference.largest(pair));
      if (largest > options.minDiff()) {
        return List.of();
      }
    }
    notes.add(
        "the text encoders are left out: no weight of theirs differs by more than "
            + options.minDiff()
            + (largest == 0 ? "" : " (the most is " + (float) largest + "; see --min_diff)"));
    return texts;
  }

  private static Set<DType> types(StateDict tuned, List<ModuleDifference.Pair> pairs) {
    Set<DType> types = EnumSet.noneOf(DType.class);
    for (ModuleDifference.Pair pair : pairs) {
      tuned.find(pair.tuned().weight().key()).map(TensorInfo::dtype).ifPresent(types::add);
    }
    return types;
  }

  private LoraModule module(
      ModuleDifference.Pair pair,
      ModuleDifference difference,
      ExtractionOptions options,
      DType dtype,
      ModuleChanges changes) {
    PairShape shape = pair.shape();
    int rank = rank(shape, options);
    return LoraModule.pair(
            pair.base().kohyaName(),
            LoraFormat.KOHYA,
            pair.base().shape(),
            rank,
            rank,
            dtype,
            _ -> extract(pair, rank, difference, options, changes))
        .needing(ModuleMemory.denseSvd(shape.rows(), shape.columns(), rank));
  }

  private LowRankFactors extract(
      ModuleDifference.Pair pair,
      int rank,
      ModuleDifference difference,
      ExtractionOptions options,
      ModuleChanges changes) {
    PairShape shape = pair.shape();
    float[] matrix = difference.load(pair);
    DenseSvd svd = DenseSvd.truncated(kernels, matrix, shape.rows(), shape.columns(), rank, SEED);
    LowRankFactors factors;
    double squaredError;
    if (options.clampQuantile().isPresent()) {
      factors = singularValuesInUp(svd.factors());
      QuantileClamp.apply(factors.up(), factors.down(), options.clampQuantile().getAsDouble());
      squaredError = squaredError(matrix, shape, factors);
    } else {
      factors = BalancedFactors.of(svd.factors(), 1);
      squaredError =
          svd.squaredError() > SMALL_ERROR * svd.squaredNorm()
              ? svd.squaredError()
              : squaredError(matrix, shape, factors);
    }
    changes.record(
        new ModuleChange(
            pair.base().kohyaName(), shape.rank(), rank, svd.squaredNorm(), squaredError));
    return factors;
  }

  private static int rank(PairShape shape, ExtractionOptions options) {
    boolean spatial = shape.kernelHeight() > 1 || shape.kernelWidth() > 1;
    int wanted = spatial ? options.convRank().orElse(options.rank()) : options.rank();
    return Math.min(wanted, shape.largestRank());
  }

  /** {@code U·S} and {@code Vᵀ}, as kohya's script has them when it clamps. */
  private static LowRankFactors singularValuesInUp(TruncatedSvd svd) {
    float[] up = svd.u();
    for (int i = 0; i < up.length; i++) {
      up[i] = (float) (up[i] * svd.s()[i % svd.rank()]);
    }
    return new LowRankFactors(svd.rank(), up, svd.vt());
  }

  /** ‖M − up·down‖², computed in the place of M. */
  private double squaredError(float[] matrix, PairShape shape, LowRankFactors factors) {
    float[] negated = factors.up().clone();
    for (int i = 0; i < negated.length; i++) {
      negated[i] = -negated[i];
    }
    int rank = factors.rank();
    var down = kernels.pack(rank, shape.columns(), factors.down(), 0, shape.columns());
    kernels.multiplyAdd(shape.rows(), negated, 0, rank, down, matrix, 0, shape.columns());
    return kernels.sumOfSquares(matrix, 0, matrix.length);
  }
}
