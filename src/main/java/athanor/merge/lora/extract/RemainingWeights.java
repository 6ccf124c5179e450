package athanor.merge.lora.extract;

import athanor.kernel.Kernels;
import athanor.merge.lora.LeftOut;
import athanor.merge.lora.ModulePool;
import athanor.merge.lora.extract.LoraExtraction.Side;
import athanor.model.Component;
import athanor.model.Layout;
import athanor.model.Target;
import athanor.model.TargetIndex;
import athanor.tensor.DType;
import athanor.tensor.Rows;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * All tensors of two checkpoints that no extracted module stands for: what differs there is lost,
 * and is named. Not looked at are a moving average of the weights and the noise schedule, which no
 * image is made from. Tensors are matched by module, and by key where no module has them.
 */
final class RemainingWeights {
  /** More rows than a convolution has whose rows are compared one by one. */
  private static final long MOST_RAGGED_ROWS = 1 << 14;

  private static final Set<Component> UNUSED = Set.of(Component.EMA, Component.SCHEDULE);

  private final Side base;
  private final Side tuned;
  private final ValueDifference values;
  private final Layout layout;
  private final CoveredRows ofBase = new CoveredRows();
  private final CoveredRows ofTuned = new CoveredRows();
  private final List<Comparison> comparisons = new ArrayList<>();

  private RemainingWeights(Side base, Side tuned, DType precision, Kernels kernels) {
    this.base = base;
    this.tuned = tuned;
    this.values = new ValueDifference(kernels, precision);
    this.layout = base.model().architecture().layout().orElseThrow();
  }

  /**
   * Something that may be left out.
   *
   * @param what a phrase in the plural
   * @param example its key, and what is odd about it
   * @param bytes to read
   * @param look at it
   */
  private record Comparison(String what, String example, long bytes, Look look) {}

  /** How much differs. */
  private interface Look {
    /** The squared norm of the difference; empty where there is none. */
    Optional<Double> take();
  }

  /**
   * What differs beside some modules, in groups. Reads what is not taken of both files, once.
   *
   * @param taken the modules that are extracted
   * @param hardlyTrained text encoder modules that are not, as they hardly differ
   * @param pool reads on its threads
   * @throws athanor.error.AthanorException of kind BAD_FILE if a file cannot be read; of kind
   *     CANCELLED
   */
  static List<LeftOut> of(
      Side base,
      Side tuned,
      List<ModuleDifference.Pair> taken,
      List<ModuleDifference.Pair> hardlyTrained,
      DType precision,
      Kernels kernels,
      ModulePool pool) {
    var rest = new RemainingWeights(base, tuned, precision, kernels);
    for (ModuleDifference.Pair pair : taken) {
      rest.cover(pair.base().weight(), pair.tuned().weight());
    }
    for (ModuleDifference.Pair pair : hardlyTrained) {
      rest.weights("text encoder modules below --min_diff", pair.base(), pair.tuned());
    }
    rest.otherModules();
    rest.otherTensors();
    return grouped(
        rest.comparisons,
        pool.map(
            "comparing the rest", rest.comparisons, Comparison::bytes, one -> one.look().take()));
  }

  private static List<LeftOut> grouped(List<Comparison> comparisons, List<Optional<Double>> found) {
    Map<String, LeftOut> groups = new LinkedHashMap<>();
    for (int i = 0; i < comparisons.size(); i++) {
      Comparison one = comparisons.get(i);
      found
          .get(i)
          .ifPresent(norm ->
              groups.merge(
                  one.what(),
                  new LeftOut(one.what(), 1, one.example(), norm),
                  (sum, more) ->
                      new LeftOut(
                          sum.what(),
                          sum.tensors() + 1,
                          sum.example(),
                          sum.squaredNorm() + more.squaredNorm())));
    }
    return List.copyOf(groups.values());
  }

  private boolean cover(Rows before, Rows after) {
    boolean isNew = ofBase.add(before);
    return ofTuned.add(after) && isNew;
  }

  /** Weights of modules that are not trained, whole tensors before parts of them; and biases. */
  private void otherModules() {
    TargetIndex others = TargetIndex.of(tuned.model());
    List<Target> targets =
        TargetIndex.of(base.model()).targets().stream()
            .sorted(
                Comparator.comparing((Target target) -> target.weight().key())
                    .thenComparing(target -> !target.weight().isWhole()))
            .toList();
    for (Target target : targets) {
      others
          .find(target.kohyaName())
          .ifPresent(other -> {
            weights(what(target), target, other);
            if (target.bias().isPresent() && other.bias().isPresent()) {
              rows("biases", target.bias().get(), other.bias().get());
            }
          });
    }
  }

  private String what(Target target) {
    if (layout.isTrained(target, true)) {
      return "weights of residual blocks, which --conv-rank takes";
    }
    return what(target.component(), target.weight().key(), target.shape());
  }

  private static String what(Component component, String key, Shape shape) {
    if (component == Component.VAE) {
      return "tensors of the VAE";
    }
    if (key.endsWith("bias")) {
      return "biases";
    }
    return shape.rank() < 2 ? "norms and other vectors" : "weights that trainers leave as they are";
  }

  private void weights(String what, Target before, Target after) {
    boolean sameSize =
        before.shape().rows() == after.shape().rows()
            && before.shape().columns() == after.shape().columns();
    if (sameSize) {
      rows(what, before.weight(), after.weight());
    } else if (before.weight().isWhole() && after.weight().isWhole()) {
      TensorInfo one = base.file().find(before.weight().key()).orElseThrow();
      TensorInfo two = tuned.file().find(after.weight().key()).orElseThrow();
      if (cover(before.weight(), after.weight())) {
        otherShape(one, two);
      }
    }
  }

  private void rows(String what, Rows before, Rows after) {
    if (before.count() == after.count() && cover(before, after)) {
      same(what, Stretches.of(base.file(), before), Stretches.of(tuned.file(), after));
    }
  }

  private void same(String what, Stretches before, Stretches after) {
    String key = after.tensor().key();
    long bytes = after.count() * after.dtype().bits() / 8;
    if (before.dtype().isArithmetic() && after.dtype().isArithmetic()) {
      comparisons.add(
          new Comparison(
              what,
              key,
              bytes,
              () -> Optional.of(values.squaredNorm(before, after)).filter(norm -> norm > 0)));
    } else {
      comparisons.add(
          new Comparison(
              "tensors that are no weights",
              key,
              bytes,
              () -> values.sameBytes(before, after) ? Optional.empty() : Optional.of(0.0)));
    }
  }

  /** Of a convolution with more inputs on one side, those that only it has count as changed. */
  private void otherShape(TensorInfo before, TensorInfo after) {
    Shape one = before.shape();
    Shape two = after.shape();
    String example = after.key() + ": " + two + " against " + one;
    boolean inputsOnly =
        one.rank() == 4
            && two.rank() == 4
            && one.rows() == two.rows()
            && one.dim(2) == two.dim(2)
            && one.dim(3) == two.dim(3)
            && one.rows() <= MOST_RAGGED_ROWS;
    if (!inputsOnly || !before.dtype().isArithmetic() || !after.dtype().isArithmetic()) {
      comparisons.add(
          new Comparison("tensors of another shape", example, 0, () -> Optional.of(0.0)));
      return;
    }
    long common = Math.min(one.columns(), two.columns());
    Stretches more =
        one.columns() > two.columns()
            ? columns(base.file(), before, common, one.columns())
            : columns(tuned.file(), after, common, two.columns());
    comparisons.add(
        new Comparison(
            "convolutions with another number of input channels",
            example,
            after.byteSize(),
            () ->
                Optional.of(
                    values.squaredNorm(
                            columns(base.file(), before, 0, common),
                            columns(tuned.file(), after, 0, common))
                        + values.squaredNorm(more))));
  }

  private static Stretches columns(StateDict file, TensorInfo tensor, long from, long to) {
    long columns = tensor.shape().columns();
    List<Rows.Run> runs = new ArrayList<>();
    for (long row = 0; row < tensor.shape().rows(); row++) {
      runs.add(new Rows.Run(row * columns + from, to - from));
    }
    return new Stretches(file, tensor, runs);
  }

  /** What belongs to no module: norms of text encoders, the VAE, what one side lacks. */
  private void otherTensors() {
    Map<String, TensorInfo> counterparts = new HashMap<>();
    for (TensorInfo tensor : tuned.file().tensors()) {
      if (!ofTuned.has(tensor.key())) {
        counterparts.put(plainKey(tuned, base, tensor.key()), tensor);
      }
    }
    for (TensorInfo tensor : base.file().tensors()) {
      String key = tensor.key();
      Component component = base.model().componentOf(key);
      if (ofBase.has(key) || UNUSED.contains(component)) {
        continue;
      }
      TensorInfo other = counterparts.remove(plainKey(base, tuned, key));
      if (other == null) {
        lacking(tuned, component, key);
      } else if (other.shape().equals(tensor.shape())) {
        same(
            what(component, key, tensor.shape()),
            Stretches.of(base.file(), tensor),
            Stretches.of(tuned.file(), other));
      } else {
        otherShape(tensor, other);
      }
    }
    counterparts.values().stream()
        .map(TensorInfo::key)
        .sorted()
        .filter(key -> !UNUSED.contains(tuned.model().componentOf(key)))
        .forEach(key -> lacking(base, tuned.model().componentOf(key), key));
  }

  private void lacking(Side side, Component component, String key) {
    comparisons.add(
        new Comparison(
            component == Component.OTHER
                ? "tensors that " + side.file().name() + " lacks"
                : component.label() + " tensors that " + side.file().name() + " lacks",
            key,
            0,
            () -> Optional.of(0.0)));
  }

  /** A name for the tensor that both files share, whatever stands before their keys. */
  private static String plainKey(Side side, Side other, String key) {
    String prefix = side.model().denoiserPrefix();
    Component component = side.model().componentOf(key);
    boolean denoiser = component == Component.UNET || component == Component.TRANSFORMER;
    if (denoiser && key.startsWith(prefix)) {
      return "denoiser:" + key.substring(prefix.length());
    }
    String wrapped = other.model().storedKey(key);
    return wrapped.length() > key.length() ? wrapped : key;
  }
}
