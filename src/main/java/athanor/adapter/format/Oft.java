package athanor.adapter.format;

import athanor.delta.Change;
import athanor.delta.OutputRotation;
import athanor.delta.SkewBlocks;
import athanor.delta.SkewBlocks.Form;
import athanor.error.Problem;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * Rotations of a weight's outputs, as LyCORIS and kohya's {@code oft.py} store them: diag-OFT with
 * blocks {@code [n, b, b]}, and BOFT, told from it by one dimension more, with {@code m} stages of
 * a butterfly. n·b is the number of outputs. Beside the blocks there may be a factor for each
 * output.
 *
 * <p>Alpha holds the constraint: the norm of all blocks of a module is at most alpha · outputs. An
 * alpha of 0 means none in LyCORIS; kohya, known by its module names, holds such a module still.
 *
 * <p>The strength goes into the change of the weight, W + s·(W′ − W). Of diag-OFT that is the same
 * as LyCORIS's rotation part of the way, R = s·R + (1 − s)·I, and unlike it leaves W at 0 where
 * there are factors too. Of BOFT LyCORIS puts the strength into every stage, which differs in
 * between; at 0 and 1 both agree.
 */
final class Oft implements MergingFormat {
  /** The blocks, {@code [n, b, b]}; of BOFT {@code [m, n, b, b]}. */
  static final Part BLOCKS = new Part("OFT", "blocks");

  /** A factor for each output, {@code [out, 1, …]}. */
  static final Part RESCALE = new Part("OFT", "rescale");

  private static final String KOHYA_PREFIX = "oft_unet_";

  private final String label;
  private final int dimensions;

  private Oft(String label, int dimensions) {
    this.label = label;
    this.dimensions = dimensions;
  }

  /** Blocks of neighbouring outputs. */
  static Oft diagonal() {
    return new Oft("OFT", 3);
  }

  /** Blocks in stages. */
  static Oft butterfly() {
    return new Oft("BOFT", 4);
  }

  @Override
  public String label() {
    return label;
  }

  @Override
  public List<Suffix> suffixes() {
    return List.of(Suffix.of(".oft_blocks", BLOCKS), Suffix.of(".rescale", RESCALE));
  }

  @Override
  public boolean claims(Part part, TensorInfo tensor) {
    return !part.equals(BLOCKS) || (tensor.shape().rank() == 4) == isButterfly();
  }

  private boolean isButterfly() {
    return dimensions == 4;
  }

  /** Not where alpha is 0. */
  @Override
  public boolean meansTheSameAnywhere() {
    return false;
  }

  @Override
  public Optional<Problem> problem(ModuleTensors module) {
    if (!module.has(BLOCKS)) {
      return Optional.of(module.broken("the blocks of the " + label + " are missing"));
    }
    List<TensorInfo> all = new ArrayList<>();
    all.add(module.get(BLOCKS));
    module.find(RESCALE).ifPresent(all::add);
    return module.typeProblem("a rotation", all).or(() -> shapeProblem(module));
  }

  private Optional<Problem> shapeProblem(ModuleTensors module) {
    TensorInfo blocks = module.get(BLOCKS);
    Shape shape = blocks.shape();
    String found = blocks.key() + " of shape " + shape;
    if (shape.rank() != dimensions || side(shape) != shape.dim(dimensions - 2)) {
      return Optional.of(
          module
              .broken("the blocks of the " + label + " are not square")
              .found(found)
              .expected(isButterfly() ? "[stages, blocks, size, size]" : "[blocks, size, size]"));
    }
    if (shape.elementCount() == 0 || shape.elementCount() > TensorInfo.MOST_IN_MEMORY) {
      String what = shape.elementCount() == 0 ? "no values" : "blocks larger than any real ones";
      return Optional.of(module.broken("the " + label + " has " + what).found(found));
    }
    if (isButterfly() && !halves(shape)) {
      return Optional.of(
          module
              .broken("the blocks of the BOFT cannot be paired in so many stages")
              .found(found)
              .expected("blocks of an even size, their number a multiple of 2^(stages − 1)"));
    }
    long outputs = outputs(shape);
    Optional<TensorInfo> odd =
        module.find(RESCALE).filter(factors -> factors.shape().elementCount() != outputs);
    return odd.map(factors ->
        module
            .broken("the " + label + " has factors for another number of outputs")
            .found(factors.key() + " of shape " + factors.shape() + " beside " + found)
            .expected(outputs + " factors"));
  }

  private static boolean halves(Shape shape) {
    long stages = shape.dim(0);
    return side(shape) % 2 == 0
        && stages < Integer.SIZE
        && shape.dim(1) % (1L << (stages - 1)) == 0;
  }

  private static long side(Shape shape) {
    return shape.dim(shape.rank() - 1);
  }

  private static long outputs(Shape shape) {
    return shape.dim(shape.rank() - 3) * side(shape);
  }

  @Override
  public ModuleSize size(ModuleTensors module) {
    return module
        .find(BLOCKS)
        .map(TensorInfo::shape)
        .filter(shape -> shape.rank() >= 3 && shape.elementCount() > 0)
        .map(shape -> new ModuleSize(0, outputs(shape)))
        .orElse(ModuleSize.UNKNOWN);
  }

  /** None. */
  @Override
  public OptionalLong rank(ModuleTensors module) {
    return OptionalLong.empty();
  }

  @Override
  public List<Change> changes(ModuleTensors module, Destination destination) {
    TensorInfo blocks = module.get(BLOCKS);
    Shape shape = blocks.shape();
    long outputs = outputs(shape);
    if (outputs != destination.shape().rows()) {
      throw destination
          .misfit(blocks, "blocks for " + destination.shape().rows() + " outputs together")
          .toException();
    }
    SkewBlocks rotations =
        new SkewBlocks(
            module.source(),
            blocks,
            Form.SQUARE,
            Math.toIntExact(side(shape)),
            1,
            constraint(module, outputs),
            0);
    int stages = isButterfly() ? Math.toIntExact(shape.dim(0)) : 0;
    return List.of(
        new Change.Transform(
            new OutputRotation(rotations, stages, module.find(RESCALE)), destination.weight()));
  }

  private static OptionalDouble constraint(ModuleTensors module, long outputs) {
    OptionalDouble alpha =
        module.source().isHere() ? module.number(Part.ALPHA) : OptionalDouble.empty();
    if (alpha.isPresent() && alpha.getAsDouble() > 0) {
      return OptionalDouble.of(alpha.getAsDouble() * outputs);
    }
    return alpha.isPresent() && module.module().startsWith(KOHYA_PREFIX)
        ? OptionalDouble.of(0)
        : OptionalDouble.empty();
  }
}
