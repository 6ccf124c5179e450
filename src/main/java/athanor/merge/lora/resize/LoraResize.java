package athanor.merge.lora.resize;

import athanor.adapter.AdapterFile;
import athanor.adapter.AdapterModule;
import athanor.adapter.format.AdapterFormat;
import athanor.adapter.format.AdapterFormats;
import athanor.adapter.format.Lora;
import athanor.adapter.format.Part;
import athanor.delta.LowRankFactors;
import athanor.error.Problem;
import athanor.kernel.Kernels;
import athanor.kernel.LowRankSvd;
import athanor.kernel.SvdMemory;
import athanor.merge.engine.MemoryForecast;
import athanor.merge.lora.BalancedFactors;
import athanor.merge.lora.LoraModule;
import athanor.merge.lora.LoraPlan;
import athanor.merge.lora.LosslessType;
import athanor.merge.lora.ModuleChange;
import athanor.merge.lora.ModuleChanges;
import athanor.merge.lora.ModuleMemory;
import athanor.merge.lora.ModulePool;
import athanor.merge.lora.PairShape;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * Gives the pairs of a LoRA other ranks: the best approximation of each ΔW of its new rank (Eckart
 * and Young), by QR of the factors and decomposition of the small core. Ranks follow the rules of
 * kohya's {@code resize_lora.py}, or a file size.
 *
 * <p>alpha becomes scale · rank, so that the strength stays. Where a file has no alpha the scale is
 * multiplied into the factors. Differences, norms and biases are carried unchanged. A Tucker core
 * is expanded.
 */
public final class LoraResize {
  /** Pairs get another rank, differences are carried. */
  private static final Set<AdapterFormat> RESIZED =
      Set.of(AdapterFormats.LORA, AdapterFormats.FULL, AdapterFormats.NORM);

  private final Kernels kernels;
  private final ModulePool pool;
  private final SvdMemory memory = new SvdMemory();

  /** A resize with this arithmetic on these workers. */
  public LoraResize(Kernels kernels, ModulePool pool) {
    this.kernels = kernels;
    this.pool = pool;
  }

  /**
   * Plans a resize. Reads values only if the ranks depend on them.
   *
   * @param file one that {@link #resizes} says yes to
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if the wanted file size cannot be
   *     reached; of kind BAD_FILE if a module is broken or holds NaN, which may show only while the
   *     modules are written; of kind CANCELLED
   */
  public LoraPlan plan(AdapterFile file, ResizeOptions options) {
    List<AdapterModule> pairs = pairs(file);
    int[] ranks = ranks(file, pairs, options);
    var changes = new ModuleChanges();
    List<LoraModule> modules = new ArrayList<>();
    for (int i = 0; i < ranks.length; i++) {
      modules.add(resized(file, pairs.get(i), ranks[i], options, changes));
    }
    modules.addAll(carried(file, pairs, options));
    List<String> notes = new ArrayList<>(file.notes());
    notes.addAll(notes(pairs, options));
    return new LoraPlan(modules, changes, notes);
  }

  /**
   * Whether this is how to resize a file: it has pairs, and nothing else that has a rank. Full
   * differences beside pairs are carried.
   */
  public static boolean resizes(AdapterFile file) {
    return file.modules().stream().allMatch(module -> RESIZED.containsAll(module.formats()))
        && file.modules().stream().anyMatch(AdapterModule::hasPair);
  }

  /**
   * Returns if the structure of a file does not forbid to resize it; reads no values.
   *
   * @throws athanor.error.AthanorException as {@link #plan}, as far as the structure tells
   */
  public static void requirePairs(AdapterFile file) {
    pairs(file);
  }

  private static List<AdapterModule> pairs(AdapterFile file) {
    Optional<Problem> refusal = file.refusal();
    if (refusal.isPresent()) {
      throw refusal.get().toException();
    }
    List<AdapterModule> pairs = new ArrayList<>();
    for (AdapterModule module : file.modules()) {
      Optional<Problem> problem = file.problemOf(module);
      if (problem.isPresent()) {
        throw problem.get().toException();
      }
      if (module.hasPair()) {
        pairs.add(module);
      }
    }
    return pairs;
  }

  private <R> R decompose(AdapterFile file, AdapterModule module, Function<LowRankSvd, R> use) {
    PairShape shape = PairShape.of(module);
    LowRankFactors factors = file.factorsOf(module, kernels);
    return memory.decompose(
        kernels, shape.rows(), factors.rank(), shape.columns(), factors.up(), factors.down(), use);
  }

  private static int cap(PairShape shape, ResizeOptions options) {
    return shape.convolution() ? options.convRank() : options.rank();
  }

  private int[] ranks(AdapterFile file, List<AdapterModule> pairs, ResizeOptions options) {
    if (options.targetBytes().isPresent()) {
      return ranksForSize(file, pairs, options);
    }
    return switch (options.rule()) {
      case RankRule.Fixed _ ->
          pairs.stream()
              .map(PairShape::of)
              .mapToInt(shape -> Math.min(cap(shape, options), shape.largestRank()))
              .toArray();
      case RankRule.Dynamic dynamic -> {
        List<double[]> values = singularValues(file, pairs);
        yield IntStream.range(0, pairs.size())
            .map(i -> dynamic.rank(values.get(i), cap(PairShape.of(pairs.get(i)), options)))
            .toArray();
      }
    };
  }

  private static long memory(PairShape shape, int rank) {
    return ModuleMemory.lowRankSvd(shape.rows(), shape.columns(), shape.rank(), rank);
  }

  private List<double[]> singularValues(AdapterFile file, List<AdapterModule> pairs) {
    MemoryForecast.requireHeap(
        pairs.stream().map(PairShape::of).mapToLong(shape -> memory(shape, 0)).max().orElse(0),
        pool.threads());
    return pool.map(
        "measuring",
        pairs,
        module -> PairShape.of(module).work(),
        module -> decompose(file, module, LowRankSvd::singularValues));
  }

  private LoraModule resized(
      AdapterFile file,
      AdapterModule module,
      int rank,
      ResizeOptions options,
      ModuleChanges changes) {
    PairShape shape = PairShape.of(module);
    DType dtype = dtype(module, options);
    double scale = file.scaleOf(module);
    Optional<TensorInfo> alpha = module.tensor(Part.ALPHA);
    boolean withAlpha = alpha.isPresent() || scale != 1 && module.tensor(Lora.BIAS).isPresent();
    List<TensorInfo> tensors = new ArrayList<>();
    tensors.add(new TensorInfo(module.tensor(Lora.UP).orElseThrow().key(), dtype, shape.up(rank)));
    tensors.add(
        new TensorInfo(module.tensor(Lora.DOWN).orElseThrow().key(), dtype, shape.down(rank)));
    if (withAlpha) {
      String key = alpha.map(TensorInfo::key).orElse(module.name() + ".alpha");
      tensors.add(new TensorInfo(key, LoraModule.alphaType(scale * rank, dtype), Shape.of()));
    }
    return new LoraModule(
            module.name(),
            tensors,
            _ -> {
              LowRankFactors factors =
                  decompose(
                      file,
                      module,
                      svd -> {
                        changes.record(
                            new ModuleChange(
                                module.name(),
                                shape.rank(),
                                rank,
                                scale * scale * svd.squaredError(0),
                                scale * scale * svd.squaredError(rank)));
                        return BalancedFactors.of(svd.truncate(rank), withAlpha ? 1 : scale);
                      });
              List<float[]> values = new ArrayList<>(List.of(factors.up(), factors.down()));
              if (withAlpha) {
                values.add(new float[] {(float) (scale * rank)});
              }
              return values;
            })
        .needing(memory(shape, rank));
  }

  private static DType dtype(AdapterModule module, ResizeOptions options) {
    return options.savePrecision().orElseGet(() -> LosslessType.of(factors(module)));
  }

  private static List<DType> factors(AdapterModule module) {
    return List.of(
        module.tensor(Lora.UP).orElseThrow().dtype(),
        module.tensor(Lora.DOWN).orElseThrow().dtype());
  }

  /** Everything that is no part of a pair. */
  private List<LoraModule> carried(
      AdapterFile file, List<AdapterModule> pairs, ResizeOptions options) {
    Set<String> replaced = new HashSet<>();
    for (AdapterModule module : pairs) {
      for (Part role : List.of(Lora.UP, Lora.DOWN, Lora.MID, Part.ALPHA, Part.SCALE)) {
        module.tensor(role).ifPresent(tensor -> replaced.add(tensor.key()));
      }
    }
    List<LoraModule> carried = new ArrayList<>();
    file.empty()
        .forEach(module -> module.tensors().values().forEach(tensor -> replaced.add(tensor.key())));
    for (TensorInfo tensor : file.source().tensors()) {
      if (!replaced.contains(tensor.key())) {
        carried.add(carried(file, tensor, options));
      }
    }
    return carried;
  }

  private static LoraModule carried(AdapterFile file, TensorInfo tensor, ResizeOptions options) {
    boolean converted = tensor.dtype().isArithmetic() && tensor.shape().rank() > 0;
    DType dtype = converted ? options.savePrecision().orElse(tensor.dtype()) : tensor.dtype();
    return LoraModule.carried(file.source(), tensor, tensor.key(), dtype);
  }

  /** Chooses ranks for a file size from the singular values of all modules. */
  private int[] ranksForSize(AdapterFile file, List<AdapterModule> pairs, ResizeOptions options) {
    List<double[]> values = singularValues(file, pairs);
    List<SizeCut.Spectrum> spectra = new ArrayList<>();
    for (int i = 0; i < pairs.size(); i++) {
      spectra.add(spectrum(file, pairs.get(i), values.get(i), options));
    }
    long room = options.targetBytes().orElseThrow() - otherBytes(file, pairs);
    return SizeCut.ranks(spectra, room, file.name());
  }

  /** What the file takes besides factors. */
  private static long otherBytes(AdapterFile file, List<AdapterModule> pairs) {
    Set<String> factors = new HashSet<>();
    for (AdapterModule module : pairs) {
      module.tensor(Lora.UP).ifPresent(tensor -> factors.add(tensor.key()));
      module.tensor(Lora.DOWN).ifPresent(tensor -> factors.add(tensor.key()));
      module.tensor(Lora.MID).ifPresent(tensor -> factors.add(tensor.key()));
    }
    long others = SizeCut.SPARE_BYTES;
    for (TensorInfo tensor : file.source().tensors()) {
      boolean kept = !factors.contains(tensor.key());
      // An alpha may become float32; every entry of the header is at most this much longer.
      others += (kept ? Math.max(tensor.byteSize(), Float.BYTES) : 0) + headerBytes(tensor);
    }
    for (var entry : file.source().metadata().entrySet()) {
      others += entry.getKey().length() + 3L * entry.getValue().length() + 8;
    }
    return others;
  }

  private static SizeCut.Spectrum spectrum(
      AdapterFile file, AdapterModule module, double[] values, ResizeOptions options) {
    PairShape shape = PairShape.of(module);
    double scale = Math.abs(file.scaleOf(module));
    double[] s = Arrays.stream(values).map(value -> value * scale).toArray();
    return new SizeCut.Spectrum(
        s, Math.min(cap(shape, options), s.length), shape.bytesPerRank(dtype(module, options)));
  }

  private static long headerBytes(TensorInfo tensor) {
    Shape shape = tensor.shape();
    return tensor.key().length() + 80L + 6L * shape.rank();
  }

  private static List<String> notes(List<AdapterModule> pairs, ResizeOptions options) {
    boolean fixed = options.targetBytes().isEmpty() && options.rule() instanceof RankRule.Fixed;
    long capped =
        pairs.stream()
            .map(PairShape::of)
            .filter(shape -> cap(shape, options) != ResizeOptions.UNLIMITED)
            .filter(shape -> cap(shape, options) > shape.largestRank())
            .count();
    if (!fixed || capped == 0) {
      return List.of();
    }
    return List.of(
        capped
            + " of "
            + pairs.size()
            + " modules keep a smaller rank than "
            + Math.max(options.rank(), options.convRank())
            + ": theirs was no larger, or their weight is");
  }
}
