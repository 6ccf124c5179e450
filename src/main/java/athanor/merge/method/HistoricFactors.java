package athanor.merge.method;

import athanor.adapter.AdapterFile;
import athanor.adapter.AdapterModule;
import athanor.adapter.Role;
import athanor.error.Problem;
import athanor.kernel.Kernels;
import athanor.merge.PlannedLora;
import athanor.merge.lora.LoraModule;
import athanor.merge.plan.Precision;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * The sum of factors of kohya's {@code merge_lora.py}, in its order of operations: with q = √(α /
 * α₁)·ratio, every tensor of a LoRA is multiplied by q (by |q| for {@code up}) and then added to
 * what is there; α₁ is the alpha of the first LoRA that has the module, or its rank, and is kept.
 * Each product and each sum is rounded to the precision of the merge. So a ratio r acts as r², and
 * two LoRAs give (U₁+U₂)(D₁+D₂) with its cross terms. Modules are matched by the letter of their
 * names.
 *
 * <p>With {@code concatenate}, factors are put side by side instead of being added; alpha is kept
 * all the same, so that the result is weaker by r₁ / Σ rᵢ.
 */
final class HistoricFactors {
  private static final List<Role> FACTORS = List.of(Role.DOWN, Role.MID, Role.UP);

  private final boolean concatenate;
  private final Precision precision;
  private final DType dtype;
  private final Map<String, Module> modules = new TreeMap<>();

  /** One LoRA's part of a module. */
  private record Part(AdapterFile file, AdapterModule module, double scale) {
    TensorInfo tensor(Role role) {
      return module.tensor(role).orElseThrow();
    }
  }

  private static final class Module {
    private final double alpha;
    private final boolean alphaStored;
    private final List<Part> parts = new ArrayList<>();

    Module(double alpha, boolean alphaStored) {
      this.alpha = alpha;
      this.alphaStored = alphaStored;
    }

    AdapterModule first() {
      return parts.getFirst().module();
    }
  }

  private HistoricFactors(boolean concatenate, Precision precision, DType dtype) {
    this.concatenate = concatenate;
    this.precision = precision;
    this.dtype = dtype;
  }

  /**
   * Adds up LoRAs.
   *
   * @param loras the LoRAs with their ratios
   * @param concatenate whether factors are put side by side
   * @param precision of every step
   * @param dtype the type of the result
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if ranks or shapes differ, the
   *     names or formats are not kohya's, or an alpha makes the root undefined
   */
  static HistoricFactors of(
      List<PlannedLora> loras, boolean concatenate, Precision precision, DType dtype) {
    var sum = new HistoricFactors(concatenate, precision, dtype);
    for (PlannedLora lora : loras) {
      if (!lora.strength().isUniform()) {
        throw Problem.incompatible("kohya's method takes one ratio for a whole LoRA")
            .at(lora.match().file().name())
            .help("use the exact method for weights of parts: leave out --method kohya")
            .toException();
      }
      for (AdapterModule module : lora.match().file().modules()) {
        sum.add(lora.match().file(), module, lora.strength().ratio());
      }
    }
    return sum;
  }

  private void add(AdapterFile file, AdapterModule module, double ratio) {
    refuseOtherNames(file, module);
    OptionalDouble stored = file.storedAlpha(module);
    double alpha = stored.isPresent() ? rounded(stored.getAsDouble()) : module.rank();
    Module sum =
        modules.computeIfAbsent(module.name(), name -> new Module(alpha, stored.isPresent()));
    double root = Math.sqrt(alpha / sum.alpha);
    if (!Double.isFinite(root)) {
      throw Problem.incompatible("kohya's method cannot merge these alphas")
          .at(file.name() + ", " + module.name())
          .found("alpha " + alpha + " against " + sum.alpha + " of the first LoRA")
          .expected("alphas above 0")
          .toException();
    }
    if (!sum.parts.isEmpty()) {
      refuseOtherShapes(file, module, sum);
    }
    sum.parts.add(new Part(file, module, root * ratio));
  }

  private double rounded(double alpha) {
    return switch (precision) {
      case FLOAT -> (float) alpha;
      case FP16 -> Float.float16ToFloat(Float.floatToFloat16((float) alpha));
      case BF16 -> bf16((float) alpha);
    };
  }

  /** Rounded to nearest, ties to even; alphas are finite. */
  private static float bf16(float value) {
    int bits = Float.floatToRawIntBits(value);
    return Float.intBitsToFloat((bits + 0x7fff + (bits >>> 16 & 1)) & 0xffff0000);
  }

  private static void refuseOtherNames(AdapterFile file, AdapterModule module) {
    for (Map.Entry<Role, TensorInfo> tensor : module.tensors().entrySet()) {
      String key = tensor.getValue().key();
      if (tensor.getKey() != Role.ALPHA
          && !key.contains(".lora_up.")
          && !key.contains(".lora_down.")
          && !key.contains(".lora_mid.")) {
        throw Problem.incompatible("kohya's method knows only kohya's LoRA format")
            .at(file.name() + ", " + key)
            .expected("lora_up, lora_down and alpha")
            .toException();
      }
    }
  }

  private void refuseOtherShapes(AdapterFile file, AdapterModule module, Module sum) {
    for (Role role : FACTORS) {
      Shape first = shape(sum.first(), role);
      Shape other = shape(module, role);
      if (fits(first, other, role)) {
        continue;
      }
      String firstName = sum.parts.getFirst().file().name();
      boolean ranks = sum.first().rank() != module.rank();
      throw Problem.incompatible(
              ranks
                  ? "kohya's method merges only LoRAs of equal ranks"
                  : "kohya's method merges only factors of equal shapes")
          .at(module.name())
          .found(
              ranks
                  ? "rank "
                      + sum.first().rank()
                      + " in "
                      + firstName
                      + " and rank "
                      + module.rank()
                      + " in "
                      + file.name()
                  : first + " in " + firstName + " and " + other + " in " + file.name())
          .toException();
    }
  }

  private boolean fits(Shape first, Shape other, Role role) {
    if (!concatenate || role == Role.MID || first.rank() != other.rank()) {
      return first.equals(other);
    }
    int joined = role == Role.UP ? 1 : 0;
    for (int axis = 0; axis < first.rank(); axis++) {
      if (axis != joined && first.dim(axis) != other.dim(axis)) {
        return false;
      }
    }
    return true;
  }

  private static Shape shape(AdapterModule module, Role role) {
    return module.tensor(role).map(TensorInfo::shape).orElse(Shape.of());
  }

  /** The rank that the metadata says: that of the first LoRA of each module. */
  String rankText() {
    return uniform(modules.values().stream().map(m -> Long.toString(m.first().rank())).toList());
  }

  /** The alpha that the metadata says, as Python prints it: {@code 16.0}, or {@code Dynamic}. */
  String alphaText() {
    return uniform(
        modules.values().stream()
            .map(m -> m.alphaStored ? Double.toString(m.alpha) : Long.toString((long) m.alpha))
            .toList());
  }

  private static String uniform(List<String> values) {
    return values.stream().distinct().count() == 1 ? values.getFirst() : "Dynamic";
  }

  /** The modules of the result, sorted by name. */
  List<LoraModule> modules() {
    List<LoraModule> result = new ArrayList<>();
    modules.forEach((name, module) -> result.add(module(name, module)));
    return result;
  }

  private LoraModule module(String name, Module module) {
    Map<Role, TensorInfo> tensors = new LinkedHashMap<>();
    for (Role role : FACTORS) {
      module
          .first()
          .tensor(role)
          .ifPresent(first ->
              tensors.put(role, new TensorInfo(first.key(), dtype, summedShape(module, role))));
    }
    List<TensorInfo> all = new ArrayList<>(tensors.values());
    all.add(new TensorInfo(name + ".alpha", dtype, Shape.of()));
    return new LoraModule(
            name,
            all,
            kernels -> {
              List<float[]> values = new ArrayList<>();
              tensors.keySet().forEach(role -> values.add(values(module, role, kernels)));
              values.add(new float[] {(float) module.alpha});
              return values;
            })
        .needing(memory(module));
  }

  /** Every part is loaded, and then joined or added up. */
  private static long memory(Module module) {
    long values = 0;
    for (Part part : module.parts) {
      for (Role role : FACTORS) {
        values += part.module().tensor(role).map(t -> t.shape().elementCount()).orElse(0L);
      }
    }
    return 2 * Float.BYTES * values;
  }

  private Shape summedShape(Module module, Role role) {
    long[] dims = module.first().tensor(role).orElseThrow().shape().dims();
    if (concatenate && role != Role.MID) {
      int joined = role == Role.UP ? 1 : 0;
      dims[joined] = module.parts.stream().mapToLong(p -> p.tensor(role).shape().dim(joined)).sum();
    }
    return Shape.of(dims);
  }

  private float[] values(Module module, Role role, Kernels kernels) {
    List<float[]> scaled = new ArrayList<>();
    for (Part part : module.parts) {
      float[] values = part.file().values(part.tensor(role), kernels);
      float scale = (float) (role == Role.UP ? Math.abs(part.scale()) : part.scale());
      kernels.round(precision.dtype(), values, 0, values.length);
      for (int i = 0; i < values.length; i++) {
        values[i] *= scale;
      }
      kernels.round(precision.dtype(), values, 0, values.length);
      scaled.add(values);
    }
    return concatenate && role != Role.MID ? joined(scaled, module, role) : added(scaled, kernels);
  }

  private float[] added(List<float[]> parts, Kernels kernels) {
    float[] total = parts.getFirst();
    for (float[] part : parts.subList(1, parts.size())) {
      for (int i = 0; i < total.length; i++) {
        total[i] += part[i];
      }
      kernels.round(precision.dtype(), total, 0, total.length);
    }
    return total;
  }

  private static float[] joined(List<float[]> parts, Module module, Role role) {
    int rows =
        role == Role.UP
            ? Math.toIntExact(module.first().tensor(role).orElseThrow().shape().rows())
            : 1;
    float[] total = new float[parts.stream().mapToInt(part -> part.length).sum()];
    int at = 0;
    for (int row = 0; row < rows; row++) {
      for (float[] part : parts) {
        int width = part.length / rows;
        System.arraycopy(part, row * width, total, at, width);
        at += width;
      }
    }
    return total;
  }
}
