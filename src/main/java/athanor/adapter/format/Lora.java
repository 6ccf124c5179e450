package athanor.adapter.format;

import athanor.delta.Change;
import athanor.delta.DenseDelta;
import athanor.delta.LowRankDelta;
import athanor.error.Problem;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A low-rank pair, ΔW = scale · up · down, for linear layers and convolutions (LoCon), in the
 * spellings of kohya's sd-scripts, LyCORIS, diffusers, PEFT, OneTrainer, ai-toolkit, XLabs and
 * ComfyUI. A convolution may have a Tucker core between its factors; a bias beside the pair has the
 * scale of the pair.
 */
public final class Lora implements MergingFormat {
  /** Left factor, {@code [out, rank]} or {@code [out, rank, 1, 1]}. */
  public static final Part UP = new Part("LoRA", "up");

  /** Right factor, {@code [rank, in]} or {@code [rank, in, kh, kw]}. */
  public static final Part DOWN = new Part("LoRA", "down");

  /** Tucker core of a convolution, {@code [rank, rank, kh, kw]}. */
  public static final Part MID = new Part("LoRA", "mid");

  /** Difference of the bias that belongs to the pair. */
  public static final Part BIAS = new Part("LoRA", "bias");

  private static final String PEFT_UP = ".lora_B";
  private static final String PEFT_DOWN = ".lora_A";

  @Override
  public String label() {
    return "LoRA";
  }

  @Override
  public String kind(List<ModuleTensors> modules) {
    return modules.stream().anyMatch(Lora::isSpatial) ? "LoCon" : label();
  }

  @Override
  public List<Suffix> suffixes() {
    return List.of(
        Suffix.of(".lora_up.weight", UP),
        Suffix.of(".lora_down.weight", DOWN),
        Suffix.of(".lora_mid.weight", MID),
        Suffix.of(".lora_B.weight", UP),
        Suffix.of(".lora_A.weight", DOWN),
        Suffix.of(PEFT_UP, UP),
        Suffix.of(PEFT_DOWN, DOWN),
        Suffix.of(".lora_B.*.weight", UP),
        Suffix.of(".lora_A.*.weight", DOWN),
        Suffix.of(".lora_B.bias", BIAS),
        Suffix.of("_lora.up.weight", UP),
        Suffix.of("_lora.down.weight", DOWN),
        Suffix.of(".lora.up.weight", UP),
        Suffix.of(".lora.down.weight", DOWN),
        Suffix.of(".lora_linear_layer.up.weight", UP),
        Suffix.of(".lora_linear_layer.down.weight", DOWN),
        Suffix.keeping("_lora1", ".up.weight", UP),
        Suffix.keeping("_lora1", ".down.weight", DOWN),
        Suffix.keeping("_lora2", ".up.weight", UP),
        Suffix.keeping("_lora2", ".down.weight", DOWN));
  }

  /** Whether a key is in the spelling of PEFT, which stores no alpha. */
  static boolean isInPeftSpelling(String key) {
    return isPeftDown(key) || key.contains(PEFT_UP);
  }

  static boolean isPeftDown(String key) {
    return key.contains(PEFT_DOWN);
  }

  /** A pair of rank 0 with nothing beside it, as pruning leaves it. */
  @Override
  public boolean changesNothing(ModuleTensors module) {
    return hasPair(module)
        && !module.has(BIAS)
        && module.get(UP).shape().rank() >= 2
        && module.get(DOWN).shape().rank() >= 2
        && module.get(DOWN).shape().dim(0) == 0
        && module.get(UP).shape().dim(1) == 0;
  }

  /** Whether a module has both factors. */
  static boolean hasPair(ModuleTensors module) {
    return module.has(UP) && module.has(DOWN);
  }

  /** Whether the pair is one of a convolution with a kernel larger than 1×1. */
  static boolean isSpatial(ModuleTensors module) {
    return module
        .find(MID)
        .or(() -> module.find(DOWN))
        .map(TensorInfo::shape)
        .filter(core -> core.rank() == 4 && (core.dim(2) > 1 || core.dim(3) > 1))
        .isPresent();
  }

  @Override
  public boolean isIdle(ModuleTensors module, ZeroParts zeros) {
    return zeros.all(BIAS) && (!hasPair(module) || zeros.any(UP, DOWN, MID));
  }

  @Override
  public ModuleSize size(ModuleTensors module) {
    return new ModuleSize(
        module.find(DOWN).map(down -> ModuleSize.inputs(down.shape())).orElse(0L),
        module.find(UP).map(up -> up.shape().rows()).orElse(0L));
  }

  @Override
  public OptionalLong rank(ModuleTensors module) {
    return module.has(UP) && module.find(DOWN).filter(d -> d.shape().rank() > 0).isPresent()
        ? OptionalLong.of(module.get(DOWN).shape().dim(0))
        : OptionalLong.empty();
  }

  @Override
  public List<Change> changes(ModuleTensors module, Destination destination) {
    List<Change> changes = new ArrayList<>();
    double scale = hasPair(module) ? module.scale(rank(module).orElseThrow()) : 1;
    if (hasPair(module)) {
      LowRankDelta pair = pair(module, scale);
      changes.add(
          new Change.Add(
              pair, destination.weight(pair.outputs(), pair.inputs(), pair.up(), pair.down())));
    }
    module
        .find(BIAS)
        .ifPresent(bias ->
            changes.add(
                new Change.Add(
                    DenseDelta.ofVector(module.source(), bias, scale), destination.bias(bias))));
    return changes;
  }

  /** The pair of a module that has one, with this scale. */
  public static LowRankDelta pair(ModuleTensors module, double scale) {
    return new LowRankDelta(
        module.source(), module.get(UP), module.get(DOWN), module.find(MID), scale);
  }

  /**
   * Half a pair, ranks that disagree, rank 0, factors that are no matrices of numbers; or a
   * configuration that says that the pair is none of the checkpoint.
   */
  @Override
  public Optional<Problem> problem(ModuleTensors module) {
    return tensorProblem(module)
        .or(() -> biasProblem(module))
        .or(() -> module.config().refusal(module.module()));
  }

  private static Optional<Problem> biasProblem(ModuleTensors module) {
    return module.has(BIAS) || !hasPair(module)
        ? Optional.empty()
        : module
            .config()
            .needing(module.module(), TrainingField.BIAS)
            .map(field ->
                module
                    .broken("the bias of a pair is missing")
                    .found(field + " true in the configuration of the training")
                    .expected("a tensor lora_B.bias beside the pair")
                    .help("get the file as its trainer wrote it, or leave it out"));
  }

  private static Optional<Problem> tensorProblem(ModuleTensors module) {
    Optional<Problem> bias =
        module.typeProblem("a difference", module.find(BIAS).stream().toList());
    if (bias.isPresent()) {
      return bias;
    }
    boolean up = module.has(UP);
    boolean down = module.has(DOWN);
    if (up && down) {
      return pairProblem(module, module.get(UP), module.get(DOWN));
    }
    if (up || down) {
      String present = up ? "up" : "down";
      String missing = up ? "down" : "up";
      return Optional.of(
          module.broken("the pair is incomplete: " + present + " without " + missing));
    }
    return module.has(MID)
        ? Optional.of(module.broken("a mid factor without up and down"))
        : Optional.empty();
  }

  private static Optional<Problem> pairProblem(
      ModuleTensors module, TensorInfo up, TensorInfo down) {
    for (TensorInfo factor : List.of(up, down)) {
      if (factor.shape().rank() < 2) {
        return Optional.of(
            module
                .broken("a factor is not a matrix")
                .found(factor.key() + " of shape " + factor.shape()));
      }
      Optional<Problem> type = module.typeProblem("a factor", List.of(factor));
      if (type.isPresent()) {
        return type;
      }
    }
    long rank = down.shape().dim(0);
    if (rank == 0 || up.shape().columns() == 0) {
      return Optional.of(module.broken("the pair has rank 0"));
    }
    Optional<Problem> size = sizeProblem(module, up, down);
    if (size.isPresent()) {
      return size;
    }
    if (module.has(MID)) {
      return midProblem(module, up, down, module.get(MID));
    }
    return up.shape().columns() == rank ? Optional.empty() : Optional.of(ranks(module, up, down));
  }

  /** Factors are held in memory as a whole, and change at least one value. */
  private static Optional<Problem> sizeProblem(
      ModuleTensors module, TensorInfo up, TensorInfo down) {
    for (TensorInfo factor : List.of(up, down)) {
      long count = factor.shape().elementCount();
      if (count == 0) {
        return Optional.of(
            module.broken("a factor is empty").found(factor.key() + " of shape " + factor.shape()));
      }
      if (count > TensorInfo.MOST_IN_MEMORY) {
        return Optional.of(
            module
                .broken("a factor is larger than any real one")
                .found(factor.key() + " of shape " + factor.shape()));
      }
    }
    return Optional.empty();
  }

  private static Problem ranks(ModuleTensors module, TensorInfo up, TensorInfo down) {
    long rank = down.shape().dim(0);
    Problem problem =
        module
            .broken("the ranks of up and down disagree")
            .found("up " + up.shape() + " and down " + down.shape())
            .expected("up [out, " + rank + "] for down [" + rank + ", in]");
    return up.shape().rows() == down.shape().columns()
        ? problem.help("up and down (lora_B and lora_A) seem to be exchanged in this file")
        : problem;
  }

  private static Optional<Problem> midProblem(
      ModuleTensors module, TensorInfo up, TensorInfo down, TensorInfo mid) {
    Shape core = mid.shape();
    boolean sound =
        core.rank() == 4
            && mid.dtype().isArithmetic()
            && core.dim(0) == up.shape().columns()
            && core.dim(1) == down.shape().dim(0)
            && down.shape().columns() == down.shape().dim(1)
            && core.elementCount() > 0
            && isFoldable(core, down.shape().columns());
    return sound
        ? Optional.empty()
        : Optional.of(
            module
                .broken("the mid factor does not fit between up and down")
                .found("up " + up.shape() + ", mid " + core + ", down " + down.shape())
                .expected("mid [rank, rank, kh, kw] between 1×1 factors"));
  }

  /** Whether core and right factor make a right factor that can be held in memory. */
  private static boolean isFoldable(Shape core, long inputs) {
    try {
      long folded = Math.multiplyExact(core.dim(0) * inputs, core.dim(2) * core.dim(3));
      return core.elementCount() <= TensorInfo.MOST_IN_MEMORY
          && folded <= TensorInfo.MOST_IN_MEMORY;
    } catch (ArithmeticException e) {
      return false;
    }
  }
}
