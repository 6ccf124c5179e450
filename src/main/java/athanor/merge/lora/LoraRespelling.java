package athanor.merge.lora;

import athanor.adapter.AdapterFile;
import athanor.adapter.AdapterModule;
import athanor.adapter.Format;
import athanor.adapter.Role;
import athanor.error.Problem;
import athanor.kernel.Kernels;
import athanor.model.Target;
import athanor.model.TargetIndex;
import athanor.recipe.LoraFormat;
import athanor.safetensors.InMemoryTensor;
import athanor.tensor.DType;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Writes a LoRA in the other spelling, kohya's or that of PEFT and diffusers, with the same ΔW.
 * PEFT files have no alpha: where every scale alpha / rank is a power of two it is split between
 * the factors as diffusers does, which is exact but for fp16 values so small that they lose a digit
 * (they are counted); otherwise the factors stay as they are and the alphas go into the
 * configuration in the metadata.
 */
public final class LoraRespelling {
  /** A five-hundredth of the rounding that fp16 itself does. */
  private static final double NEGLIGIBLE = 0x1p-20;

  private final AdapterFile file;
  private final LoraFormat format;
  private final Optional<DType> savePrecision;
  private final Kernels kernels;
  private final StoredValues stored;

  /** Counts for itself: what overflows here is not stored. */
  private final StoredValues folding;

  private final Map<AdapterModule, String> names = new HashMap<>();
  private int converted;
  private long rounded;

  private LoraRespelling(
      AdapterFile file, LoraFormat format, Optional<DType> savePrecision, Kernels kernels) {
    this.file = file;
    this.format = format;
    this.savePrecision = savePrecision;
    this.kernels = kernels;
    this.stored = new StoredValues(kernels);
    this.folding = new StoredValues(kernels);
  }

  /**
   * A LoRA in its new spelling.
   *
   * @param tensors what the file will hold
   * @param adapterMetadata the entry {@code lora_adapter_metadata}, if it is needed
   * @param unstorable values that the stored type could not hold
   * @param converted tensors that are stored as another type
   * @param notes what was done about alpha, in sentences
   */
  public record Result(
      List<InMemoryTensor> tensors,
      Optional<String> adapterMetadata,
      long unstorable,
      int converted,
      List<String> notes) {}

  /**
   * Respells a file.
   *
   * @param targets the modules of its architecture with their names
   * @param savePrecision the stored type of factors; empty keeps each tensor's own
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if a module is unknown or of a
   *     format that the new spelling has no names for; of kind BAD_FILE if one is broken
   */
  public static Result of(
      AdapterFile file,
      TargetIndex targets,
      LoraFormat format,
      Optional<DType> savePrecision,
      Kernels kernels) {
    var respelling = new LoraRespelling(file, format, savePrecision, kernels);
    respelling.name(targets);
    return format == LoraFormat.KOHYA ? respelling.toKohya() : respelling.toPeft();
  }

  private void name(TargetIndex targets) {
    Set<Target> taken = new HashSet<>();
    for (AdapterModule module : file.modules()) {
      requireSpeakable(module);
      Optional<Target> target = targets.find(module.name());
      if (target.isEmpty() || !target.get().kohyaName().startsWith("lora_")) {
        throw Problem.incompatible("a module has no name in the other spelling")
            .at(file.name() + ", " + module.name())
            .help("without --format only types and containers are converted, names stay")
            .toException();
      }
      if (!taken.add(target.get())) {
        throw Problem.badFile("two modules of this file change the same weights")
            .at(file.name() + ", " + module.name())
            .found("the same as " + target.get())
            .toException();
      }
      names.put(module, format.moduleName(target.get()));
    }
  }

  private void requireSpeakable(AdapterModule module) {
    Optional<Problem> problem = file.problemOf(module);
    if (problem.isPresent()) {
      throw problem.get().toException();
    }
    for (Format one : module.formats()) {
      boolean speakable = one == Format.LORA || format == LoraFormat.KOHYA && one.isMergeable();
      if (!speakable) {
        throw refusal(module, one.label()).toException();
      }
    }
    boolean tucker = module.tensor(Role.MID).isPresent() && format == LoraFormat.PEFT;
    if (tucker) {
      throw refusal(module, "a convolution with a mid factor")
          .help("expand it first: athanor resize with --rank of at least its own")
          .toException();
    }
    if (module.tensor(Role.BIAS).isPresent()) {
      throw refusal(module, "a bias beside a pair").toException();
    }
  }

  private Problem refusal(AdapterModule module, String what) {
    return Problem.incompatible("the spelling of " + format + " has no names for this")
        .at(file.name() + ", " + module.name())
        .found(what)
        .help("leave --format out: then only types and containers are converted");
  }

  private String nameOf(AdapterModule module) {
    return Objects.requireNonNull(names.get(module));
  }

  private Result toKohya() {
    List<InMemoryTensor> tensors = new ArrayList<>();
    int added = 0;
    for (AdapterModule module : file.modules()) {
      String name = nameOf(module);
      for (Map.Entry<Role, TensorInfo> entry : module.tensors().entrySet()) {
        TensorInfo tensor = entry.getValue();
        switch (entry.getKey()) {
          case UP -> tensors.add(factor(tensor, format.upKey(name)));
          case DOWN -> tensors.add(factor(tensor, format.downKey(name)));
          case ALPHA, SCALE -> {}
          case MID, BIAS, DIFF, DIFF_BIAS, OTHER ->
              tensors.add(factor(tensor, name + tensor.key().substring(module.name().length())));
        }
      }
      if (module.hasPair()) {
        boolean asStored =
            module.tensor(Role.ALPHA).isPresent() && module.tensor(Role.SCALE).isEmpty();
        tensors.add(alpha(module, name, asStored));
        added += asStored ? 0 : 1;
      }
    }
    carryOthers(tensors);
    List<String> notes =
        added == 0
            ? List.of()
            : List.of("alpha = scale · rank was added to " + added + " modules that had none");
    return new Result(tensors, Optional.empty(), stored.unstorable(), converted, notes);
  }

  private InMemoryTensor alpha(AdapterModule module, String name, boolean asStored) {
    if (asStored) {
      return stored.copy(file.source(), module.tensor(Role.ALPHA).orElseThrow(), name + ".alpha");
    }
    DType dtype = typeOf(module.tensor(Role.DOWN).orElseThrow());
    return stored.scalar(name + ".alpha", dtype, file.scaleOf(module) * module.rank());
  }

  private Result toPeft() {
    List<InMemoryTensor> tensors = new ArrayList<>();
    int folded = 0;
    for (AdapterModule module : file.modules()) {
      Optional<ScaleSplit> split = ScaleSplit.of(file.scaleOf(module));
      Optional<List<InMemoryTensor>> pair = split.flatMap(parts -> foldedPair(module, parts));
      if (pair.isEmpty()) {
        return toPeftWithConfiguration();
      }
      tensors.addAll(pair.get());
      folded += file.scaleOf(module) == 1 ? 0 : 1;
    }
    carryOthers(tensors);
    List<String> notes = folded == 0 ? List.of() : List.of(foldingNote(folded));
    return new Result(tensors, Optional.empty(), stored.unstorable(), converted, notes);
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
  private Optional<List<InMemoryTensor>> foldedPair(AdapterModule module, ScaleSplit split) {
    String name = nameOf(module);
    TensorInfo up = module.tensor(Role.UP).orElseThrow();
    TensorInfo down = module.tensor(Role.DOWN).orElseThrow();
    Optional<InMemoryTensor> left = scaled(factor(up, format.upKey(name)), split.up());
    Optional<InMemoryTensor> right = scaled(factor(down, format.downKey(name)), split.down());
    return left.isEmpty() || right.isEmpty()
        ? Optional.empty()
        : Optional.of(List.of(left.get(), right.get()));
  }

  private Optional<InMemoryTensor> scaled(InMemoryTensor tensor, float gain) {
    if (gain == 1) {
      return Optional.of(tensor);
    }
    DType dtype = tensor.info().dtype();
    int count = Math.toIntExact(tensor.info().shape().elementCount());
    float[] values = new float[count];
    kernels.toFloat(dtype, tensor.values(), 0, values, 0, count);
    for (int i = 0; i < count; i++) {
      values[i] *= gain;
    }
    InMemoryTensor result = folding.of(tensor.info().key(), dtype, tensor.info().shape(), values);
    float[] back = new float[count];
    kernels.toFloat(dtype, result.values(), 0, back, 0, count);
    double squaredError = 0;
    for (int i = 0; i < count; i++) {
      double error = (double) back[i] - values[i];
      squaredError += error * error;
      rounded += error == 0 ? 0 : 1;
    }
    double squaredNorm = kernels.sumOfSquares(values, 0, count);
    return squaredError <= NEGLIGIBLE * NEGLIGIBLE * squaredNorm
        ? Optional.of(result)
        : Optional.empty();
  }

  private Result toPeftWithConfiguration() {
    converted = 0;
    rounded = 0;
    List<InMemoryTensor> tensors = new ArrayList<>();
    var configuration = new AdapterConfiguration();
    for (AdapterModule module : file.modules()) {
      String name = nameOf(module);
      tensors.add(factor(module.tensor(Role.UP).orElseThrow(), format.upKey(name)));
      tensors.add(factor(module.tensor(Role.DOWN).orElseThrow(), format.downKey(name)));
      configuration.add(name, module.rank(), file.scaleOf(module) * module.rank());
    }
    carryOthers(tensors);
    return new Result(
        tensors,
        Optional.of(configuration.toJson()),
        stored.unstorable(),
        converted,
        List.of(
            "the alphas are in the metadata (lora_adapter_metadata), because alpha / rank is no"
                + " power of two; diffusers reads it, ComfyUI does not and would apply alpha ="
                + " rank"));
  }

  private void carryOthers(List<InMemoryTensor> tensors) {
    for (String key : file.otherKeys()) {
      TensorInfo tensor = file.source().find(key).orElseThrow();
      tensors.add(stored.copy(file.source(), tensor, key));
    }
  }

  private InMemoryTensor factor(TensorInfo tensor, String key) {
    converted += typeOf(tensor) == tensor.dtype() ? 0 : 1;
    return stored.converted(file.source(), tensor, key, typeOf(tensor));
  }

  private DType typeOf(TensorInfo tensor) {
    return tensor.dtype().isArithmetic() ? savePrecision.orElse(tensor.dtype()) : tensor.dtype();
  }
}
