package athanor.merge.method;

import athanor.delta.LowRankFactors;
import athanor.kernel.DenseSvd;
import athanor.kernel.Kernels;
import athanor.kernel.LowRankSvd;
import athanor.kernel.SvdMemory;
import athanor.merge.engine.MemoryForecast;
import athanor.merge.engine.Workers;
import athanor.merge.lora.BalancedFactors;
import athanor.merge.lora.LoraFormat;
import athanor.merge.lora.LoraModule;
import athanor.merge.lora.ModuleChange;
import athanor.merge.lora.ModuleMemory;
import athanor.merge.lora.sum.Approximation;
import athanor.merge.lora.sum.LoraSum;
import athanor.merge.lora.sum.ModuleSum;
import athanor.merge.lora.sum.StackedFactors;
import athanor.progress.Progress;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/**
 * The sum at a lower rank: per module the singular value decomposition of the stacked factors, of
 * which the largest values are kept; the best that a rank allows (Eckart and Young). The full
 * matrix is formed only where there are no factors to stack. Both factors get the root of the
 * singular values, {@code up = U·√S} and {@code down = √S·Vᵀ}, so that they are of one size and
 * fp16 holds both well; alpha = rank.
 *
 * <p>The rank of a module is what the limits allow, but never more than Σ rᵢ or a side of its
 * weight: more could only be zeros. Without factors it becomes a pair only if that takes less than
 * the difference in full, and if no file stores it so; unless all are to become pairs.
 */
final class RecompressedSum {
  private final LoraFormat format;
  private final DType dtype;
  private final RankLimits limits;
  private final boolean everything;
  private final Approximation approximation = new Approximation();
  private final SvdMemory memory = new SvdMemory();

  /**
   * A sum for one result.
   *
   * @param format the spelling of the result
   * @param dtype the type of its factors
   * @param limits how far ranks may go down
   * @param everything whether every difference of a matrix becomes a pair
   */
  RecompressedSum(LoraFormat format, DType dtype, RankLimits limits, boolean everything) {
    this.format = format;
    this.dtype = dtype;
    this.limits = limits;
    this.everything = everything;
  }

  private boolean isReduced(ModuleSum module) {
    return module.isLowRank() || isDense(module);
  }

  /** Whether the whole matrix of a module is decomposed. */
  private boolean isDense(ModuleSum module) {
    return !module.isLowRank()
        && !module.differences().isEmpty()
        && module.target().deltaShape().rank() >= 2
        && (everything || !module.hasStoredDifference());
  }

  private int most(ModuleSum module) {
    int natural = isDense(module) ? DenseModule.shorterSide(module) : module.largestRank();
    return limits.most(natural, module.isSpatial());
  }

  private int rank(ModuleSum module, Kernels kernels) {
    int most = most(module);
    if (!isDense(module)) {
      return limits.keep().isEmpty()
          ? most
          : limits.keeping(decompose(module, kernels, LowRankSvd::singularValues), most);
    }
    var dense = new DenseModule(module);
    int useful = everything ? most : dense.largestUsefulRank();
    if (limits.keep().isEmpty()) {
      return most <= useful ? most : 0;
    }
    return dense.rank(limits, Math.min(most, useful), most, kernels);
  }

  /**
   * The ranks of the result, in the order of the sum; 0 for modules that stay as they are. With a
   * share of energy to keep, this decomposes every module once.
   *
   * @throws athanor.error.AthanorException of kind RESOURCES if the heap is too small for that, of
   *     kind BAD_FILE, of kind CANCELLED
   */
  int[] ranks(LoraSum sum, LoraContributions.Measuring with) {
    List<ModuleSum> modules = sum.modules();
    int[] ranks = new int[modules.size()];
    if (limits.keep().isEmpty()) {
      Arrays.setAll(
          ranks, i -> isReduced(modules.get(i)) ? rank(modules.get(i), with.kernels()) : 0);
      return ranks;
    }
    MemoryForecast.requireHeap(
        modules.stream().mapToLong(this::memory).max().orElse(0), with.threads());
    Progress progress = with.progress();
    progress.begin("measuring", modules.stream().mapToLong(this::work).sum(), ranks.length);
    try {
      new Workers(with.threads(), with.cancellation())
          .forEach(
              ranks.length,
              i -> {
                ModuleSum module = modules.get(i);
                if (isReduced(module)) {
                  ranks[i] = rank(module, with.kernels());
                }
                progress.advance(work(module), 1);
              });
    } finally {
      progress.end();
    }
    return ranks;
  }

  /**
   * The modules of the result, in the order of the sum. While they are written, {@link
   * #approximation} fills.
   *
   * @param ranks from {@link #ranks}
   * @throws athanor.error.AthanorException as {@link ConcatenatedModules#of}
   */
  List<LoraModule> of(LoraSum sum, int[] ranks) {
    var exact = new ConcatenatedModules(format, dtype);
    List<LoraModule> modules = new ArrayList<>();
    for (int i = 0; i < ranks.length; i++) {
      ModuleSum module = sum.modules().get(i);
      int rank = ranks[i];
      modules.add(
          isDense(module) && rank > 0
              ? exact.pair(
                  module, rank, memory(module), kernels -> truncateDense(module, rank, kernels))
              : exact.module(
                  module, rank, memory(module), kernels -> truncate(module, rank, kernels)));
    }
    return modules;
  }

  /** How far the result is from the exact sum, before it is rounded to its type. */
  Approximation approximation() {
    return approximation;
  }

  private LowRankFactors truncate(ModuleSum module, int rank, Kernels kernels) {
    return decompose(
        module,
        kernels,
        svd -> {
          record(module, module.stackedRank(), rank, svd.squaredError(rank), svd.squaredError(0));
          return BalancedFactors.of(svd.truncate(rank), 1);
        });
  }

  private LowRankFactors truncateDense(ModuleSum module, int rank, Kernels kernels) {
    DenseSvd svd = new DenseModule(module).decompose(rank, kernels);
    int before = DenseModule.shorterSide(module);
    record(module, before, rank, svd.squaredError(), svd.squaredNorm());
    return BalancedFactors.of(svd.factors(), 1);
  }

  private void record(ModuleSum module, int before, int rank, double error, double norm) {
    String name = format.moduleName(module.target());
    approximation.record(new ModuleChange(name, before, rank, norm, Math.max(0, error)));
  }

  private long memory(ModuleSum module) {
    if (isDense(module)) {
      var dense = new DenseModule(module);
      int most = most(module);
      return dense.memory(everything ? most : Math.min(most, dense.largestUsefulRank()));
    }
    if (!module.isLowRank()) {
      return 0;
    }
    Shape shape = module.target().deltaShape();
    return ModuleMemory.lowRankSvd(
        shape.rows(), shape.columns(), module.stackedRank(), most(module));
  }

  /** Bytes of the stacked factors, or of the matrix. */
  private long work(ModuleSum module) {
    Shape shape = module.target().deltaShape();
    if (isDense(module)) {
      return Float.BYTES * shape.elementCount();
    }
    return (long) Float.BYTES * module.stackedRank() * (shape.rows() + shape.columns());
  }

  private <R> R decompose(ModuleSum module, Kernels kernels, Function<LowRankSvd, R> use) {
    LowRankFactors stacked = StackedFactors.load(module, kernels);
    Shape shape = module.target().deltaShape();
    return memory.decompose(
        kernels,
        Math.toIntExact(shape.rows()),
        stacked.rank(),
        Math.toIntExact(shape.columns()),
        stacked.up(),
        stacked.down(),
        use);
  }
}
