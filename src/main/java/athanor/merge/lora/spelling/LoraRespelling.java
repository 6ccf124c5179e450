package athanor.merge.lora.spelling;

import athanor.adapter.AdapterFile;
import athanor.adapter.AdapterModule;
import athanor.adapter.format.AdapterFormat;
import athanor.adapter.format.AdapterFormats;
import athanor.adapter.format.Lora;
import athanor.adapter.format.Part;
import athanor.adapter.format.RecognisedFormat;
import athanor.error.Problem;
import athanor.kernel.Kernels;
import athanor.merge.lora.LoraFormat;
import athanor.merge.lora.LoraModule;
import athanor.model.Target;
import athanor.model.TargetIndex;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

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
  private final Map<AdapterModule, String> names = new HashMap<>();
  private final List<AdapterModule> respelled = new ArrayList<>();
  private int repeated;
  private int converted;
  private long rounded;

  private LoraRespelling(
      AdapterFile file, LoraFormat format, Optional<DType> savePrecision, Kernels kernels) {
    this.file = file;
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
    Optional<Problem> refusal = file.refusal();
    if (refusal.isPresent()) {
      throw refusal.get().toException();
    }
    Map<Target, AdapterModule> taken = new HashMap<>();
    for (AdapterModule module : file.modules()) {
      requireSpeakable(module);
      Optional<Target> target = targets.find(module.name());
      if (target.isEmpty() || !target.get().kohyaName().startsWith("lora_")) {
        throw Problem.incompatible("a module has no name in the other spelling")
            .at(file.name() + ", " + module.name())
            .help("without --format only types and containers are converted, names stay")
            .toException();
      }
      AdapterModule earlier = taken.putIfAbsent(target.get(), module);
      if (earlier != null) {
        if (file.doTheSame(earlier, module)) {
          repeated++;
          continue;
        }
        throw Problem.badFile("two modules of this file change the same weights")
            .at(file.name() + ", " + module.name())
            .found("the same as " + target.get())
            .toException();
      }
      names.put(module, format.moduleName(target.get()));
      respelled.add(module);
    }
    if (respelled.isEmpty()) {
      throw Problem.incompatible("this LoRA has no modules to write")
          .at(file.name())
          .found(file.empty().size() + " modules of rank 0, which change nothing")
          .toException();
    }
  }

  private void requireSpeakable(AdapterModule module) {
    Optional<Problem> problem = file.problemOf(module);
    if (problem.isPresent()) {
      throw problem.get().toException();
    }
    for (AdapterFormat one : module.formats()) {
      boolean speakable =
          one == AdapterFormats.LORA
              || format == LoraFormat.KOHYA
                  && !(one instanceof RecognisedFormat)
                  && one.meansTheSameAnywhere();
      if (!speakable) {
        throw refusal(module, one.label()).toException();
      }
    }
    boolean tucker = module.tensor(Lora.MID).isPresent() && format == LoraFormat.PEFT;
    if (tucker) {
      throw refusal(module, "a convolution with a mid factor")
          .help("expand it first: athanor resize with --rank of at least its own")
          .toException();
    }
    if (module.tensor(Lora.BIAS).isPresent()) {
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
    List<LoraModule> modules = new ArrayList<>();
    int added = 0;
    for (AdapterModule module : respelled) {
      String name = nameOf(module);
      for (Map.Entry<Part, TensorInfo> entry : module.tensors().entrySet()) {
        TensorInfo tensor = entry.getValue();
        Part part = entry.getKey();
        if (part.equals(Lora.UP)) {
          modules.add(factor(tensor, format.upKey(name)));
        } else if (part.equals(Lora.DOWN)) {
          modules.add(factor(tensor, format.downKey(name)));
        } else if (!part.isScalar() || !module.hasPair()) {
          modules.add(factor(tensor, name + tensor.key().substring(module.name().length())));
        }
      }
      if (module.hasPair()) {
        boolean asStored =
            module.tensor(Part.ALPHA).isPresent() && module.tensor(Part.SCALE).isEmpty();
        modules.add(alpha(module, name, asStored));
        added += asStored ? 0 : 1;
      }
    }
    carryOthers(modules);
    List<String> notes =
        added == 0
            ? List.of()
            : List.of("alpha = scale · rank was added to " + added + " modules that had none");
    return result(modules, Optional.empty(), notes);
  }

  private LoraModule alpha(AdapterModule module, String name, boolean asStored) {
    String key = name + ".alpha";
    if (asStored) {
      return copied(module.tensor(Part.ALPHA).orElseThrow(), key);
    }
    double alpha = file.scaleOf(module) * module.rank();
    DType factors = typeOf(module.tensor(Lora.DOWN).orElseThrow());
    DType dtype = LoraModule.alphaType(alpha, factors);
    return new LoraModule(
        key,
        List.of(new TensorInfo(key, dtype, Shape.of())),
        _ -> List.of(new float[] {(float) alpha}));
  }

  private LoraModule copied(TensorInfo tensor, String key) {
    return LoraModule.carried(file.source(), tensor, key, tensor.dtype());
  }

  private Result toPeft() {
    List<LoraModule> modules = new ArrayList<>();
    int folded = 0;
    for (AdapterModule module : respelled) {
      Optional<FoldedScale> split = FoldedScale.of(file.scaleOf(module));
      Optional<List<LoraModule>> pair = split.flatMap(parts -> foldedPair(module, parts));
      if (pair.isEmpty()) {
        return toPeftWithConfiguration();
      }
      modules.addAll(pair.get());
      folded += file.scaleOf(module) == 1 ? 0 : 1;
    }
    carryOthers(modules);
    List<String> notes = folded == 0 ? List.of() : List.of(foldingNote(folded));
    return result(modules, Optional.empty(), notes);
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
  private Optional<List<LoraModule>> foldedPair(AdapterModule module, FoldedScale split) {
    String name = nameOf(module);
    TensorInfo up = module.tensor(Lora.UP).orElseThrow();
    TensorInfo down = module.tensor(Lora.DOWN).orElseThrow();
    Optional<LoraModule> left = folded(up, format.upKey(name), split.up());
    Optional<LoraModule> right = folded(down, format.downKey(name), split.down());
    return left.isEmpty() || right.isEmpty()
        ? Optional.empty()
        : Optional.of(List.of(left.get(), right.get()));
  }

  private Optional<LoraModule> folded(TensorInfo tensor, String key, float gain) {
    if (gain == 1) {
      return Optional.of(factor(tensor, key));
    }
    countIfConverted(tensor);
    var factor = new FoldedFactor(file.source(), tensor, typeOf(tensor), gain);
    FoldedFactor.Loss loss = factor.loss(kernels);
    rounded += loss.values();
    return loss.relativeError() <= NEGLIGIBLE
        ? Optional.of(
            new LoraModule(
                key,
                List.of(new TensorInfo(key, typeOf(tensor), tensor.shape())),
                arithmetic -> List.of(factor.values(arithmetic))))
        : Optional.empty();
  }

  private Result toPeftWithConfiguration() {
    converted = 0;
    rounded = 0;
    List<LoraModule> modules = new ArrayList<>();
    var configuration = new AdapterConfiguration();
    for (AdapterModule module : respelled) {
      String name = nameOf(module);
      modules.add(factor(module.tensor(Lora.UP).orElseThrow(), format.upKey(name)));
      modules.add(factor(module.tensor(Lora.DOWN).orElseThrow(), format.downKey(name)));
      configuration.add(name, module.rank(), file.scaleOf(module) * module.rank());
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
    if (repeated > 0) {
      notes.add(repeated + " modules stored twice with the same values, written once");
    }
    notes.addAll(more);
    return new Result(modules, adapterMetadata, converted, notes);
  }

  private void carryOthers(List<LoraModule> modules) {
    for (String key : file.otherKeys()) {
      modules.add(copied(file.source().find(key).orElseThrow(), key));
    }
  }

  private LoraModule factor(TensorInfo tensor, String key) {
    countIfConverted(tensor);
    return LoraModule.carried(file.source(), tensor, key, typeOf(tensor));
  }

  private void countIfConverted(TensorInfo tensor) {
    converted += typeOf(tensor) == tensor.dtype() ? 0 : 1;
  }

  private DType typeOf(TensorInfo tensor) {
    return tensor.dtype().isArithmetic() ? savePrecision.orElse(tensor.dtype()) : tensor.dtype();
  }
}
