package athanor.merge.lora.spelling;

import athanor.adapter.AdapterFile;
import athanor.adapter.AdapterModule;
import athanor.adapter.format.Lora;
import athanor.error.Problem;
import athanor.kernel.Kernels;
import athanor.merge.lora.LoraFormat;
import athanor.merge.lora.LoraModule;
import athanor.model.TargetIndex;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Writes a LoRA in another spelling, with the same ΔW. Some spellings have no alpha: where every
 * scale alpha / rank is a power of two it is split between the factors as diffusers does, which is
 * exact but for fp16 values so small that they lose a digit (they are counted); otherwise the
 * factors stay as they are and the alphas go into the configuration in the metadata, where readers
 * of the spelling look for it.
 */
public final class LoraRespelling {
  /** A five-hundredth of the rounding that fp16 itself does. */
  private static final double NEGLIGIBLE = 0x1p-20;

  private final AdapterFile file;
  private final LoraFormat format;
  private final Optional<DType> savePrecision;
  private final Kernels kernels;
  private final SpelledModules.Result spelled;
  private int converted;
  private long rounded;

  private LoraRespelling(
      AdapterFile file,
      SpelledModules.Result spelled,
      LoraFormat format,
      Optional<DType> savePrecision,
      Kernels kernels) {
    this.file = file;
    this.spelled = spelled;
    this.format = format;
    this.savePrecision = savePrecision;
    this.kernels = kernels;
  }

  /**
   * A LoRA in its new spelling.
   *
   * @param modules what the file will hold; they are read again while they are written
   * @param adapterMetadata the entry {@code lora_adapter_metadata}, if it is needed
   * @param converted tensors that are stored as another type
   * @param notes what was done about alpha, in sentences
   */
  public record Result(
      List<LoraModule> modules,
      Optional<String> adapterMetadata,
      int converted,
      List<String> notes) {}

  /**
   * Respells a file.
   *
   * @param targets the modules of its architecture with their names
   * @param savePrecision the stored type of factors; empty keeps each tensor's own
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if a module is unknown, of a format
   *     that the new spelling has no names for, or of a scale that it cannot say; of kind BAD_FILE
   *     if one is broken
   */
  public static Result of(
      AdapterFile file,
      TargetIndex targets,
      LoraFormat format,
      Optional<DType> savePrecision,
      Kernels kernels) {
    var respelling =
        new LoraRespelling(
            file, SpelledModules.of(file, targets, format), format, savePrecision, kernels);
    return format.hasAlpha() ? respelling.withAlpha() : respelling.withoutAlpha();
  }

  private Result withAlpha() {
    List<LoraModule> modules = new ArrayList<>();
    int added = 0;
    for (SpelledModule module : spelled.modules()) {
      Optional<SpelledModule.Pair> pair = module.pair();
      if (pair.isPresent()) {
        modules.addAll(factors(module.name(), pair.get()));
        modules.add(alpha(module.name(), pair.get()));
        added += pair.get().alpha().isPresent() ? 0 : 1;
      }
      modules.addAll(rest(module));
    }
    carryOthers(modules);
    List<String> notes =
        added == 0
            ? List.of()
            : List.of("alpha = scale · rank was added to " + added + " modules that had none");
    return result(modules, Optional.empty(), notes);
  }

  /** What a module has beside a pair and its scale. */
  private List<LoraModule> rest(SpelledModule spelling) {
    AdapterModule module = spelling.module();
    List<LoraModule> rest = new ArrayList<>();
    module
        .tensors()
        .forEach((part, tensor) -> {
          boolean inPair = part.equals(Lora.UP) || part.equals(Lora.DOWN) || part.isScalar();
          if (!inPair || spelling.pair().isEmpty()) {
            String end = tensor.key().substring(module.name().length());
            rest.add(factor(new Factor.Stored(file.source(), tensor), spelling.name() + end));
          }
        });
    return rest;
  }

  private LoraModule alpha(String name, SpelledModule.Pair pair) {
    String key = name + ".alpha";
    if (pair.alpha().isPresent()) {
      return copied(pair.alpha().get(), key);
    }
    double alpha = pair.scale() * pair.rank();
    DType dtype = LoraModule.alphaType(alpha, typeOf(pair.down().dtype()));
    return new LoraModule(
        key,
        List.of(new TensorInfo(key, dtype, Shape.of())),
        _ -> List.of(new float[] {(float) alpha}));
  }

  private LoraModule copied(TensorInfo tensor, String key) {
    return LoraModule.carried(file.source(), tensor, key, tensor.dtype());
  }

  private Result withoutAlpha() {
    List<LoraModule> modules = new ArrayList<>();
    int folded = 0;
    for (SpelledModule module : spelled.modules()) {
      SpelledModule.Pair pair = module.pair().orElseThrow();
      Optional<List<LoraModule>> both =
          FoldedScale.of(pair.scale()).flatMap(split -> foldedPair(module.name(), pair, split));
      if (both.isEmpty()) {
        if (format != LoraFormat.PEFT) {
          throw unsayable(module, pair).toException();
        }
        return withConfiguration();
      }
      modules.addAll(both.get());
      folded += pair.scale() == 1 ? 0 : 1;
    }
    carryOthers(modules);
    List<String> notes = folded == 0 ? List.of() : List.of(foldingNote(folded));
    return result(modules, Optional.empty(), notes);
  }

  private Problem unsayable(SpelledModule module, SpelledModule.Pair pair) {
    return Problem.incompatible("the spelling of " + format + " has no place for this scale")
        .at(file.name() + ", " + module.module().name())
        .found("alpha / rank = " + pair.scale())
        .expected("a power of two, which the factors take up without rounding")
        .help(
            "multiply it into the factors, which rounds them once: athanor convert "
                + file.name()
                + " --to lora --format "
                + format
                + " --out plain.safetensors");
  }

  private String foldingNote(int folded) {
    return "alpha / rank of "
        + folded
        + " modules was multiplied into their factors"
        + (rounded == 0
            ? ", exactly (powers of two)"
            : " (powers of two); of the smallest values, " + rounded + " were rounded");
  }

  /** Both factors with the scale in them; empty if that would round more than the smallest. */
  private Optional<List<LoraModule>> foldedPair(
      String name, SpelledModule.Pair pair, FoldedScale split) {
    Optional<LoraModule> left = folded(pair.up(), format.upKey(name), split.up());
    Optional<LoraModule> right = folded(pair.down(), format.downKey(name), split.down());
    return left.isEmpty() || right.isEmpty()
        ? Optional.empty()
        : Optional.of(List.of(left.get(), right.get()));
  }

  private Optional<LoraModule> folded(Factor factor, String key, float gain) {
    if (gain == 1) {
      return Optional.of(factor(factor, key));
    }
    DType dtype = countedType(factor);
    var product = new FoldedFactor(factor, dtype, gain);
    FoldedFactor.Loss loss = product.loss(kernels);
    rounded += loss.values();
    return loss.relativeError() <= NEGLIGIBLE
        ? Optional.of(computed(factor, key, dtype, product::values))
        : Optional.empty();
  }

  private Result withConfiguration() {
    converted = 0;
    rounded = 0;
    List<LoraModule> modules = new ArrayList<>();
    var configuration = new AdapterConfiguration();
    for (SpelledModule module : spelled.modules()) {
      SpelledModule.Pair pair = module.pair().orElseThrow();
      modules.addAll(factors(module.name(), pair));
      configuration.add(module.name(), pair.rank(), pair.scale() * pair.rank());
    }
    carryOthers(modules);
    return result(
        modules,
        Optional.of(configuration.toJson()),
        List.of(
            "the alphas are in the metadata (lora_adapter_metadata), because alpha / rank is no"
                + " power of two; diffusers reads it, ComfyUI does not and would apply alpha ="
                + " rank"));
  }

  private Result result(
      List<LoraModule> modules, Optional<String> adapterMetadata, List<String> more) {
    List<String> notes = new ArrayList<>(file.notes());
    notes.addAll(spelled.notes());
    notes.addAll(more);
    return new Result(modules, adapterMetadata, converted, notes);
  }

  private void carryOthers(List<LoraModule> modules) {
    for (String key : file.otherKeys()) {
      modules.add(copied(file.source().find(key).orElseThrow(), key));
    }
  }

  private List<LoraModule> factors(String name, SpelledModule.Pair pair) {
    return List.of(
        factor(pair.up(), format.upKey(name)), factor(pair.down(), format.downKey(name)));
  }

  private LoraModule factor(Factor factor, String key) {
    DType dtype = countedType(factor);
    return factor instanceof Factor.Stored(StateDict source, TensorInfo tensor)
        ? LoraModule.carried(source, tensor, key, dtype)
        : computed(factor, key, dtype, factor::values);
  }

  private static LoraModule computed(
      Factor factor, String key, DType dtype, Function<Kernels, float[]> values) {
    return new LoraModule(
            key,
            List.of(new TensorInfo(key, dtype, factor.shape())),
            arithmetic -> List.of(values.apply(arithmetic)))
        .needing(factor.memory());
  }

  private DType countedType(Factor factor) {
    DType dtype = typeOf(factor.dtype());
    converted += dtype == factor.dtype() ? 0 : 1;
    return dtype;
  }

  private DType typeOf(DType own) {
    return own.isArithmetic() ? savePrecision.orElse(own) : own;
  }
}
