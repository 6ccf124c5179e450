package athanor.merge.method;

import athanor.adapter.AdapterFile;
import athanor.adapter.AdapterModule;
import athanor.adapter.format.Lora;
import athanor.adapter.format.Part;
import athanor.error.Problem;
import athanor.kernel.Kernels;
import athanor.merge.lora.LoraModule;
import athanor.merge.plan.PlannedLora;
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
  private static final List<Part> FACTORS = List.of(Lora.DOWN, Lora.MID, Lora.UP);

  private final boolean concatenate;
  private final Precision precision;
  private final DType dtype;
  private final Map<String, Module> modules = new TreeMap<>();

  /** One LoRA's share of a module. */
  private record Share(AdapterFile file, AdapterModule module, double scale) {
    TensorInfo tensor(Part part) {
      return module.tensor(part).orElseThrow();
    }
  }

  private static final class Module {
    private final double alpha;
    private final boolean alphaStored;
    private final List<Share> parts = new ArrayList<>();

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
    sum.parts.add(new Share(file, module, root * ratio));
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
    for (Map.Entry<Part, TensorInfo> tensor : module.tensors().entrySet()) {
      String key = tensor.getValue().key();
      if (!tensor.getKey().equals(Part.ALPHA)
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
    for (Part part : FACTORS) {
      Shape first = shape(sum.first(), part);
      Shape other = shape(module, part);
      if (fits(first, other, part)) {
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

  private boolean fits(Shape first, Shape other, Part part) {
    if (!concatenate || part.equals(Lora.MID) || first.rank() != other.rank()) {
      return first.equals(other);
    }
    int joined = part.equals(Lora.UP) ? 1 : 0;
    for (int axis = 0; axis < first.rank(); axis++) {
      if (axis != joined && first.dim(axis) != other.dim(axis)) {
        return false;
      }
    }
    return true;
  }

  private static Shape shape(AdapterModule module, Part part) {
    return module.tensor(part).map(TensorInfo::shape).orElse(Shape.of());
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
    Map<Part, TensorInfo> tensors = new LinkedHashMap<>();
    for (Part part : FACTORS) {
      module
          .first()
          .tensor(part)
          .ifPresent(first ->
              tensors.put(part, new TensorInfo(first.key(), dtype, summedShape(module, part))));
    }
    List<TensorInfo> all = new ArrayList<>(tensors.values());
    all.add(new TensorInfo(name + ".alpha", dtype, Shape.of()));
    return new LoraModule(
            name,
            all,
            kernels -> {
              List<float[]> values = new ArrayList<>();
              tensors.keySet().forEach(part -> values.add(values(module, part, kernels)));
              values.add(new float[] {(float) module.alpha});
              return values;
            })
        .needing(memory(module));
  }

  /** Every part is loaded, and then joined or added up. */
  private static long memory(Module module) {
    long values = 0;
    for (Share share : module.parts) {
      for (Part part : FACTORS) {
        values += share.module().tensor(part).map(t -> t.shape().elementCount()).orElse(0L);
      }
    }
    return 2 * Float.BYTES * values;
  }

  private Shape summedShape(Module module, Part part) {
    long[] dims = module.first().tensor(part).orElseThrow().shape().dims();
    if (concatenate && !part.equals(Lora.MID)) {
      int joined = part.equals(Lora.UP) ? 1 : 0;
      dims[joined] = module.parts.stream().mapToLong(p -> p.tensor(part).shape().dim(joined)).sum();
    }
    return Shape.of(dims);
  }

  private float[] values(Module module, Part part, Kernels kernels) {
    List<float[]> scaled = new ArrayList<>();
    for (Share share : module.parts) {
      float[] values = share.file().values(share.tensor(part), kernels);
      float scale = (float) (part.equals(Lora.UP) ? Math.abs(share.scale()) : share.scale());
      kernels.round(precision.dtype(), values, 0, values.length);
      for (int i = 0; i < values.length; i++) {
        values[i] *= scale;
      }
      kernels.round(precision.dtype(), values, 0, values.length);
      scaled.add(values);
    }
    return concatenate && !part.equals(Lora.MID)
        ? joined(scaled, module, part)
        : added(scaled, kernels);
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

  private static float[] joined(List<float[]> parts, Module module, Part part) {
    int rows =
        part.equals(Lora.UP)
            ? Math.toIntExact(module.first().tensor(part).orElseThrow().shape().rows())
            : 1;
    float[] total = new float[parts.stream().mapToInt(one -> one.length).sum()];
    int at = 0;
    for (int row = 0; row < rows; row++) {
      for (float[] one : parts) {
        int width = one.length / rows;
        System.arraycopy(one, row * width, total, at, width);
        at += width;
      }
    }
    return total;
  }
}
