package athanor.adapter.format;

import athanor.delta.Change;
import athanor.delta.InputRotation;
import athanor.delta.SkewBlocks;
import athanor.delta.SkewBlocks.Form;
import athanor.error.Problem;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * BOFT as PEFT stores it, with one factor: W′ = s ⊙ (W·diag(R)ᵀ), R = (I − Q)(I + Q)⁻¹ and Q = ½(M
 * − Mᵀ), where the blocks M of {@code boft_R} [1, n, b, b] lie along the inputs and {@code boft_s}
 * has a factor for each output. Of several factors no independent result is known to compare with;
 * they are refused.
 */
final class PeftBoft implements MergingFormat {
  /** The blocks, {@code [factors, n, b, b]}. */
  static final Part BLOCKS = new Part("PEFT BOFT", "boft_R");

  /** A factor for each output, {@code [out, 1]}. */
  static final Part FACTORS = new Part("PEFT BOFT", "boft_s");

  @Override
  public String label() {
    return "BOFT of PEFT";
  }

  @Override
  public List<Suffix> suffixes() {
    return List.of(
        Suffix.of(".boft_R", BLOCKS),
        Suffix.of(".boft_R.*", BLOCKS),
        Suffix.of(".boft_s", FACTORS),
        Suffix.of(".boft_s.*", FACTORS));
  }

  @Override
  public Optional<Problem> problem(ModuleTensors module) {
    for (Part part : List.of(BLOCKS, FACTORS)) {
      if (!module.has(part)) {
        return Optional.of(module.broken("a part of PEFT's BOFT is missing").expected(part.name()));
      }
    }
    return module
        .typeProblem("a rotation", List.of(module.get(BLOCKS), module.get(FACTORS)))
        .or(() -> shapeProblem(module, module.get(BLOCKS)));
  }

  private static Optional<Problem> shapeProblem(ModuleTensors module, TensorInfo blocks) {
    Shape shape = blocks.shape();
    boolean sound =
        shape.rank() == 4
            && shape.dim(2) == shape.dim(3)
            && shape.elementCount() > 0
            && shape.elementCount() <= TensorInfo.MOST_IN_MEMORY;
    return sound
        ? Optional.empty()
        : Optional.of(
            module
                .broken("the blocks of PEFT's BOFT are not square")
                .found(blocks.key() + " of shape " + shape)
                .expected("[factors, blocks, size, size]"));
  }

  @Override
  public ModuleSize size(ModuleTensors module) {
    return new ModuleSize(
        0, module.find(FACTORS).map(factors -> factors.shape().elementCount()).orElse(0L));
  }

  /** None. */
  @Override
  public OptionalLong rank(ModuleTensors module) {
    return OptionalLong.empty();
  }

  @Override
  public List<Change> changes(ModuleTensors module, Destination destination) {
    TensorInfo blocks = module.get(BLOCKS);
    TensorInfo factors = module.get(FACTORS);
    Shape shape = blocks.shape();
    if (shape.dim(0) != 1) {
      throw Problem.incompatible("BOFT of PEFT with several factors is not supported yet")
          .at(module.place())
          .found(shape.dim(0) + " factors")
          .help("leave this file out; a later version will merge it")
          .toException();
    }
    if (factors.shape().elementCount() != destination.shape().rows()) {
      throw destination
          .misfit(factors, destination.shape().rows() + " factors, one for each output")
          .toException();
    }
    if (shape.dim(1) * shape.dim(3) != destination.shape().columns()) {
      throw destination
          .misfit(blocks, "blocks for " + destination.shape().columns() + " inputs together")
          .toException();
    }
    SkewBlocks rotations =
        new SkewBlocks(
            module.source(),
            blocks,
            Form.SQUARE,
            Math.toIntExact(shape.dim(3)),
            -0.5,
            OptionalDouble.empty(),
            0);
    return List.of(
        new Change.Transform(
            new InputRotation(rotations, false, Optional.of(factors)), destination.weight()));
  }
}
