package athanor.merge.lora.extract;

import athanor.error.Problem;
import athanor.kernel.Kernels;
import athanor.merge.lora.PairShape;
import athanor.merge.lora.extract.LoraExtraction.Side;
import athanor.merge.plan.Precision;
import athanor.model.Target;
import athanor.model.TargetIndex;
import athanor.tensor.Rows;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Subtracts the weights of two checkpoints, module by module. They may differ in container, type,
 * key prefix and layout of the text encoder. Safe for use by several threads.
 */
final class ModuleDifference {
  private static final int BLOCK_ELEMENTS = 1 << 18;

  private final Side base;
  private final Side tuned;
  private final Precision precision;
  private final Kernels kernels;

  ModuleDifference(Side base, Side tuned, Precision precision, Kernels kernels) {
    this.base = base;
    this.tuned = tuned;
    this.precision = precision;
    this.kernels = kernels;
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
   * @param notes receives what one of them lacks
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if a module differs in shape, or no
   *     module is in both
   */
  List<Pair> pairs(boolean convolutions, List<String> notes) {
    TargetIndex tunedTargets = TargetIndex.of(tuned.model());
    List<Pair> pairs = new ArrayList<>();
    List<String> lacking = new ArrayList<>();
    for (Target target : TrainedModules.of(base.model(), convolutions)) {
      Optional<Target> other = tunedTargets.find(target.kohyaName());
      if (other.isEmpty()) {
        lacking.add(target.kohyaName());
        continue;
      }
      requireSameSize(target, other.get());
      requireArithmetic(base.file(), target);
      requireArithmetic(tuned.file(), other.get());
      pairs.add(new Pair(target, other.get(), PairShape.ofWeight(target.shape())));
    }
    if (!lacking.isEmpty()) {
      notes.add(
          lacking.size()
              + " modules left out that "
              + tuned.file().name()
              + " lacks ("
              + lacking.getFirst()
              + ")");
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
    forEachBlock(
        pair,
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
    forEachBlock(
        pair,
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
    forEachBlock(
        pair,
        (at, block) -> {
          System.arraycopy(block, 0, difference, at, block.length);
          return true;
        });
    requireFinite(pair, difference);
    return difference;
  }

  private interface BlockVisitor {
    /** Looks at the elements from {@code at} on; returns whether to go on. */
    boolean visit(int at, float[] block);
  }

  /** Subtracts block by block; the array of a block is used again for the next. */
  private void forEachBlock(Pair pair, BlockVisitor visitor) {
    int count = Math.multiplyExact(pair.shape().rows(), pair.shape().columns());
    float[] difference = new float[Math.min(count, BLOCK_ELEMENTS)];
    float[] other = new float[difference.length];
    Values from = new Values(base.file(), pair.base().weight(), pair.shape().columns());
    Values to = new Values(tuned.file(), pair.tuned().weight(), pair.shape().columns());
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(difference.length * 8L, 64);
      for (int at = 0; at < count; at += difference.length) {
        int length = Math.min(difference.length, count - at);
        if (length < difference.length) {
          difference = new float[length];
        }
        to.read(at, length, bytes, difference);
        from.read(at, length, bytes, other);
        for (int i = 0; i < length; i++) {
          difference[i] -= other[i];
        }
        kernels.round(precision.dtype(), difference, 0, length);
        if (!visitor.visit(at, difference)) {
          return;
        }
      }
    }
  }

  private void requireFinite(Pair pair, float[] difference) {
    if (!Double.isFinite(kernels.sumOfSquares(difference, 0, difference.length))) {
      throw Problem.badFile("the difference of a weight is NaN or infinite")
          .at(tuned.file().name() + ", " + pair.tuned().weight().key())
          .help("one of the checkpoints is broken; athanor inspect says more")
          .toException();
    }
  }

  /** The rows of one tensor, in their order, as one stretch of values. */
  private final class Values {
    private final StateDict file;
    private final TensorInfo tensor;
    private final List<Rows.Run> elements = new ArrayList<>();

    Values(StateDict file, Rows rows, int columns) {
      this.file = file;
      this.tensor = file.find(rows.key()).orElseThrow();
      for (Rows.Run run : rows.runs()) {
        elements.add(new Rows.Run(run.first() * columns, run.count() * columns));
      }
    }

    void read(int from, int count, MemorySegment bytes, float[] target) {
      int width = tensor.dtype().bytes();
      MemorySegment stretch = bytes.asSlice(0, (long) count * width);
      Rows.Run wanted = new Rows.Run(from, count);
      long before = 0;
      for (Rows.Run run : elements) {
        Rows.Run part = new Rows.Run(before, run.count()).intersect(wanted);
        if (part.count() > 0) {
          file.read(
              tensor,
              (run.first() + part.first() - before) * width,
              stretch.asSlice((part.first() - from) * width, part.count() * width));
        }
        before += run.count();
      }
      kernels.toFloat(tensor.dtype(), stretch, 0, target, 0, count);
      kernels.round(precision.dtype(), target, 0, count);
    }
  }
}
