package athanor.merge.lora.extract;

import athanor.error.Problem;
import athanor.kernel.Kernels;
import athanor.merge.lora.PairShape;
import athanor.merge.lora.extract.LoraExtraction.Side;
import athanor.merge.plan.Precision;
import athanor.model.Target;
import athanor.model.TargetIndex;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Subtracts the weights of two checkpoints, module by module. They may differ in container, type,
 * key prefix and layout of the text encoder. Safe for use by several threads.
 */
final class ModuleDifference {
  private static final int MOST_VALUES = Integer.MAX_VALUE - 8;

  private final Side base;
  private final Side tuned;
  private final Kernels kernels;
  private final ValueDifference values;

  ModuleDifference(Side base, Side tuned, Precision precision, Kernels kernels) {
    this.base = base;
    this.tuned = tuned;
    this.kernels = kernels;
    this.values = new ValueDifference(kernels, precision.dtype());
  }

  /**
   * A module of both checkpoints.
   *
   * @param base where it is in the base
   * @param tuned where it is in the tuned checkpoint
   * @param shape of the LoRA pair that changes it
   */
  record Pair(Target base, Target tuned, PairShape shape) {}

  /**
   * The modules that both have, sorted by name.
   *
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if a module differs in shape, is
   *     too large or of a type that cannot be computed with, or no module is in both
   */
  List<Pair> pairs(boolean convolutions) {
    TargetIndex tunedTargets = TargetIndex.of(tuned.model());
    List<Pair> pairs = new ArrayList<>();
    for (Target target : TrainedModules.of(base.model(), convolutions)) {
      Optional<Target> other = tunedTargets.find(target.kohyaName());
      if (other.isEmpty()) {
        continue;
      }
      requireSameSize(target, other.get());
      requireDecomposable(base.file(), target);
      requireArithmetic(base.file(), target);
      requireArithmetic(tuned.file(), other.get());
      pairs.add(new Pair(target, other.get(), PairShape.ofWeight(target.shape())));
    }
    if (pairs.isEmpty()) {
      throw Problem.incompatible("the two checkpoints have no modules in common")
          .at(tuned.file().name())
          .toException();
    }
    return pairs;
  }

  private void requireSameSize(Target target, Target other) {
    if (target.shape().rows() != other.shape().rows()
        || target.shape().columns() != other.shape().columns()) {
      throw Problem.incompatible("a weight of the two checkpoints differs in shape")
          .at(tuned.file().name() + ", " + other.weight().key())
          .found("shape " + other.shape())
          .expected(target.shape() + ", as in " + base.file().name())
          .toException();
    }
  }

  private static void requireDecomposable(StateDict file, Target target) {
    double values = (double) target.shape().rows() * target.shape().columns();
    if (values > MOST_VALUES) {
      throw Problem.incompatible("a weight is too large to be decomposed")
          .at(file.name() + ", " + target.weight().key())
          .found("shape " + target.shape())
          .expected("at most " + MOST_VALUES + " values")
          .toException();
    }
  }

  private static void requireArithmetic(StateDict file, Target target) {
    TensorInfo tensor = file.find(target.weight().key()).orElseThrow();
    if (!tensor.dtype().isArithmetic()) {
      throw Problem.incompatible("a weight has a type that cannot be computed with")
          .at(file.name() + ", " + tensor.key())
          .found("type " + tensor.dtype())
          .expected("F32, F16, BF16, F64, F8_E4M3 or F8_E5M2")
          .toException();
    }
  }

  /** max |tuned − base| of a module; NaN counts as 0. */
  double largest(Pair pair) {
    float[] largest = {0};
    values.forEachUnequal(
        before(pair),
        after(pair),
        (at, block) -> {
          for (float value : block) {
            largest[0] = Math.abs(value) > largest[0] ? Math.abs(value) : largest[0];
          }
          return true;
        });
    return largest[0];
  }

  /** Whether tuned − base of a module has anything but zeros. */
  boolean differs(Pair pair) {
    boolean[] differs = {false};
    values.forEachUnequal(
        before(pair),
        after(pair),
        (at, block) -> {
          for (float value : block) {
            differs[0] |= value != 0;
          }
          return !differs[0];
        });
    return differs[0];
  }

  /**
   * tuned − base of a module, {@code [rows, columns]} row-major.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if it is not finite, or a file cannot
   *     be read
   */
  float[] load(Pair pair) {
    float[] difference = new float[Math.multiplyExact(pair.shape().rows(), pair.shape().columns())];
    values.forEach(
        before(pair),
        after(pair),
        (at, block) -> {
          System.arraycopy(block, 0, difference, (int) at, block.length);
          return true;
        });
    requireFinite(pair, difference);
    return difference;
  }

  private Stretches before(Pair pair) {
    return Stretches.of(base.file(), pair.base().weight());
  }

  private Stretches after(Pair pair) {
    return Stretches.of(tuned.file(), pair.tuned().weight());
  }

  private void requireFinite(Pair pair, float[] difference) {
    if (!Double.isFinite(kernels.sumOfSquares(difference, 0, difference.length))) {
      throw Problem.badFile("the difference of a weight is NaN or infinite")
          .at(tuned.file().name() + ", " + pair.tuned().weight().key())
          .help("one of the checkpoints is broken; athanor inspect says more")
          .toException();
    }
  }
}
