package athanor.merge.lora;

import athanor.adapter.AdapterFile;
import athanor.adapter.AdapterModule;
import athanor.adapter.Format;
import athanor.adapter.LowRankFactors;
import athanor.adapter.Role;
import athanor.error.Problem;
import athanor.kernel.Kernels;
import athanor.kernel.LowRankSvd;
import athanor.safetensors.InMemoryTensor;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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
  private final Kernels kernels;
  private final ModulePool pool;

  /** A resize with this arithmetic on these workers. */
  public LoraResize(Kernels kernels, ModulePool pool) {
    this.kernels = kernels;
    this.pool = pool;
  }

  private record Resized(List<InMemoryTensor> tensors, ModuleChange change, boolean capped) {}

  /**
   * Resizes a file.
   *
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if a module is of another format
   *     than LoRA, or the wanted file size cannot be reached; of kind BAD_FILE if a module is
   *     broken or holds NaN; of kind VERIFICATION if a factor overflows the stored type; of kind
   *     CANCELLED
   */
  public LoraResult run(AdapterFile file, ResizeOptions options) {
    List<AdapterModule> pairs = pairs(file);
    var stored = new StoredValues(kernels);
    Map<String, Integer> fitted =
        options.targetBytes().isEmpty() ? Map.of() : ranksForSize(file, pairs, options);
    List<Resized> results =
        pool.map(
            "resizing",
            pairs,
            module -> PairShape.of(module).work(),
            module -> resize(file, module, options, fitted, stored));
    List<InMemoryTensor> tensors = new ArrayList<>();
    results.forEach(result -> tensors.addAll(result.tensors()));
    tensors.addAll(carried(file, pairs, options, stored));
    refuseOverflow(file, stored);
    return new LoraResult(
        tensors, results.stream().map(Resized::change).toList(), notes(results, options));
  }

  /**
   * Returns if the structure of a file does not forbid to resize it; reads no values.
   *
   * @throws athanor.error.AthanorException as {@link #run}, as far as the structure tells
   */
  public static void requirePairs(AdapterFile file) {
    pairs(file);
  }

  private static List<AdapterModule> pairs(AdapterFile file) {
    List<AdapterModule> pairs = new ArrayList<>();
    for (AdapterModule module : file.modules()) {
      for (Format format : module.formats()) {
        if (!format.isMergeable()) {
          throw Problem.incompatible(format.label() + " cannot be resized")
              .at(file.name() + ", " + module.name())
              .expected("LoRA or LoCon")
              .toException();
        }
      }
      Optional<Problem> problem = file.problemOf(module);
      if (problem.isPresent()) {
        throw problem.get().toException();
      }
      if (module.hasPair()) {
        pairs.add(module);
      }
    }
    if (pairs.isEmpty()) {
      throw Problem.incompatible("this file has no low-rank pairs to resize")
          .at(file.name())
          .toException();
    }
    return pairs;
  }

  private LowRankSvd decompose(AdapterFile file, AdapterModule module, PairShape shape) {
    LowRankFactors factors = file.factorsOf(module, kernels);
    return LowRankSvd.of(
        kernels, shape.rows(), factors.rank(), shape.columns(), factors.up(), factors.down());
  }

  private Resized resize(
      AdapterFile file,
      AdapterModule module,
      ResizeOptions options,
      Map<String, Integer> fitted,
      StoredValues stored) {
    PairShape shape = PairShape.of(module);
    LowRankSvd svd = decompose(file, module, shape);
    double[] s = svd.singularValues();
    int cap = shape.convolution() ? options.convRank() : options.rank();
    int rank =
        fitted.isEmpty() ? options.rule().rank(s, cap) : fitted.getOrDefault(module.name(), 1);
    double scale = file.scaleOf(module);
    double before = scale * scale * svd.squaredError(0);
    double lost = scale * scale * svd.squaredError(rank);
    boolean capped = fitted.isEmpty() && cap != ResizeOptions.UNLIMITED && cap > s.length;
    return new Resized(
        tensors(module, shape, svd, rank, scale, dtype(module, options), stored),
        new ModuleChange(module.name(), shape.rank(), rank, before, lost),
        capped && options.rule() instanceof RankRule.Fixed);
  }

  private static List<InMemoryTensor> tensors(
      AdapterModule module,
      PairShape shape,
      LowRankSvd svd,
      int rank,
      double scale,
      DType dtype,
      StoredValues stored) {
    Optional<TensorInfo> alpha = module.tensor(Role.ALPHA);
    boolean withAlpha = alpha.isPresent() || scale != 1 && module.tensor(Role.BIAS).isPresent();
    var factors = StoredValues.balanced(svd.truncate(rank), withAlpha ? 1 : scale);
    List<InMemoryTensor> tensors = new ArrayList<>();
    String up = module.tensor(Role.UP).orElseThrow().key();
    String down = module.tensor(Role.DOWN).orElseThrow().key();
    tensors.add(stored.of(up, dtype, shape.up(rank), factors.up()));
    tensors.add(stored.of(down, dtype, shape.down(rank), factors.down()));
    if (withAlpha) {
      String key = alpha.map(TensorInfo::key).orElse(module.name() + ".alpha");
      tensors.add(stored.scalar(key, dtype, scale * rank));
    }
    return tensors;
  }

  private static DType dtype(AdapterModule module, ResizeOptions options) {
    return options.savePrecision().orElseGet(() -> Widest.of(factors(module)));
  }

  private static List<DType> factors(AdapterModule module) {
    return List.of(
        module.tensor(Role.UP).orElseThrow().dtype(),
        module.tensor(Role.DOWN).orElseThrow().dtype());
  }

  /** Everything that is no part of a pair. */
  private static List<InMemoryTensor> carried(
      AdapterFile file, List<AdapterModule> pairs, ResizeOptions options, StoredValues stored) {
    Set<String> replaced = new HashSet<>();
    for (AdapterModule module : pairs) {
      for (Role role : List.of(Role.UP, Role.DOWN, Role.MID, Role.ALPHA, Role.SCALE)) {
        module.tensor(role).ifPresent(tensor -> replaced.add(tensor.key()));
      }
    }
    List<InMemoryTensor> carried = new ArrayList<>();
    for (TensorInfo tensor : file.source().tensors()) {
      if (!replaced.contains(tensor.key())) {
        boolean converted = tensor.dtype().isArithmetic() && tensor.shape().rank() > 0;
        DType dtype = converted ? options.savePrecision().orElse(tensor.dtype()) : tensor.dtype();
        carried.add(stored.converted(file.source(), tensor, tensor.key(), dtype));
      }
    }
    return carried;
  }

  /** Chooses ranks for a file size from the singular values of all modules. */
  private Map<String, Integer> ranksForSize(
      AdapterFile file, List<AdapterModule> pairs, ResizeOptions options) {
    List<SizeCut.Spectrum> spectra =
        pool.map(
            "measuring",
            pairs,
            module -> PairShape.of(module).work(),
            module -> spectrum(file, module, options));
    Set<String> factors = new HashSet<>();
    for (AdapterModule module : pairs) {
      module.tensor(Role.UP).ifPresent(tensor -> factors.add(tensor.key()));
      module.tensor(Role.DOWN).ifPresent(tensor -> factors.add(tensor.key()));
      module.tensor(Role.MID).ifPresent(tensor -> factors.add(tensor.key()));
    }
    long others = 0;
    for (TensorInfo tensor : file.source().tensors()) {
      boolean kept = !factors.contains(tensor.key());
      // An alpha may become float32; every entry of the header is at most this much longer.
      others += (kept ? Math.max(tensor.byteSize(), Float.BYTES) : 0) + headerBytes(tensor);
    }
    for (var entry : file.source().metadata().entrySet()) {
      others += entry.getKey().length() + 3L * entry.getValue().length() + 8;
    }
    long room = options.targetBytes().orElseThrow() - others - SizeCut.SPARE_BYTES;
    List<Integer> ranks = SizeCut.ranks(spectra, room, file.name());
    Map<String, Integer> byModule = new HashMap<>();
    for (int i = 0; i < pairs.size(); i++) {
      byModule.put(pairs.get(i).name(), ranks.get(i));
    }
    return byModule;
  }

  private SizeCut.Spectrum spectrum(AdapterFile file, AdapterModule module, ResizeOptions options) {
    PairShape shape = PairShape.of(module);
    double[] s = decompose(file, module, shape).singularValues();
    double scale = file.scaleOf(module);
    for (int i = 0; i < s.length; i++) {
      s[i] *= Math.abs(scale);
    }
    int cap = shape.convolution() ? options.convRank() : options.rank();
    return new SizeCut.Spectrum(
        s, Math.min(cap, s.length), shape.bytesPerRank(dtype(module, options)));
  }

  private static long headerBytes(TensorInfo tensor) {
    Shape shape = tensor.shape();
    return tensor.key().length() + 80L + 6L * shape.rank();
  }

  private static void refuseOverflow(AdapterFile file, StoredValues stored) {
    if (stored.unstorable() > 0) {
      throw Problem.of(
              athanor.error.Kind.VERIFICATION,
              "the result overflows the stored precision; nothing was written")
          .at(file.name())
          .found(stored.unstorable() + " values too large to store")
          .help("store wider: --save_precision float (or bf16)")
          .toException();
    }
  }

  private static List<String> notes(List<Resized> results, ResizeOptions options) {
    List<String> notes = new ArrayList<>();
    long capped = results.stream().filter(Resized::capped).count();
    if (capped > 0) {
      notes.add(
          capped
              + " of "
              + results.size()
              + " modules keep a smaller rank than "
              + Math.max(options.rank(), options.convRank())
              + ": theirs was no larger, or their weight is");
    }
    return notes;
  }
}
