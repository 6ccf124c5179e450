package athanor.adapter.format;

import athanor.delta.Change;
import athanor.delta.PeriodicDelta;
import athanor.error.Problem;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A block that is added to a weight over and over, as PEFT stores it: ΔW[o, i] = block[i mod r, o]
 * (Kang and Yin, "MiSS: Revisiting the trade-off in LoRA with an efficient shard-sharing
 * structure", 2024; earlier called Bone). Of a block narrower than the outputs, which PEFT makes
 * with {@code mini_r}, the columns repeat too. There is no alpha. Blocks of three dimensions (Bat)
 * are multiplied with the weight and are not known.
 */
final class Miss implements MergingFormat {
  /** The block, {@code [r, out]}. */
  static final Part BLOCK = new Part("MiSS", "miss_block");

  @Override
  public String label() {
    return "MiSS";
  }

  @Override
  public List<Suffix> suffixes() {
    return List.of(
        Suffix.of(".miss_block", BLOCK),
        Suffix.of(".miss_block.*", BLOCK),
        Suffix.of(".bone_block", BLOCK),
        Suffix.of(".bone_block.*", BLOCK));
  }

  @Override
  public Optional<Problem> problem(ModuleTensors module) {
    if (!module.has(BLOCK)) {
      return Optional.of(module.broken("the block of the MiSS is missing"));
    }
    TensorInfo block = module.get(BLOCK);
    Shape shape = block.shape();
    if (shape.rank() == 3 && shape.dim(1) == shape.dim(2)) {
      return Optional.of(
          Problem.incompatible("MiSS with blocks that are multiplied (Bat) is not supported yet")
              .at(module.place())
              .found(block.key() + " of shape " + shape)
              .help("merge it in PEFT, or leave it out"));
    }
    boolean sound =
        shape.rank() == 2
            && shape.elementCount() > 0
            && shape.elementCount() <= TensorInfo.MOST_IN_MEMORY;
    return sound
        ? module.typeProblem("the block", List.of(block))
        : Optional.of(
            module
                .broken("the block of the MiSS is no matrix")
                .found(block.key() + " of shape " + shape)
                .expected("[inputs of a period, outputs]"));
  }

  @Override
  public boolean isIdle(ModuleTensors module, ZeroParts zeros) {
    return zeros.all(BLOCK);
  }

  /** The outputs, unless the configuration says that the block may be narrower. */
  @Override
  public ModuleSize size(ModuleTensors module) {
    boolean whole =
        module.config().value(module.module(), "mini_r").filter(r -> !r.equals("1")).isEmpty();
    return module
        .find(BLOCK)
        .filter(block -> whole && block.shape().rank() == 2)
        .map(block -> new ModuleSize(0, block.shape().dim(1)))
        .orElse(ModuleSize.UNKNOWN);
  }

  /** None: nothing is divided by it. */
  @Override
  public OptionalLong rank(ModuleTensors module) {
    return OptionalLong.empty();
  }

  @Override
  public List<Change> changes(ModuleTensors module, Destination destination) {
    TensorInfo block = module.get(BLOCK);
    Shape weight = destination.shape();
    long columns = block.shape().dim(1);
    if (weight.rank() != 2 || weight.rows() % columns != 0) {
      throw destination
          .misfit(block, "a block for a linear layer of " + weight.rows() + " outputs")
          .toException();
    }
    if (block.shape().dim(0) > weight.columns()) {
      throw destination
          .misfit(block, "a period of at most " + weight.columns() + " inputs")
          .toException();
    }
    var delta = new PeriodicDelta(module.source(), block, weight.rows(), weight.columns());
    return List.of(new Change.Add(delta, destination.weight()));
  }
}
