package athanor.adapter.format;

import athanor.delta.Change;
import athanor.delta.FactorTransform;
import athanor.delta.Placement;
import athanor.delta.Side;
import athanor.error.Problem;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A factor for each output or input of a weight. LyCORIS stores it less 1 and notes the side in
 * {@code on_input}: W′ = W ⊙ (1 + w). PEFT stores the factor itself, {@code [out, 1]} or {@code [1,
 * in]}, and multiplies the bias by those of outputs too: W′ = W ⊙ l. There is neither rank nor
 * alpha.
 */
final class Ia3 implements MergingFormat {
  static final Part WEIGHT = new Part("IA3", "weight");
  static final Part ON_INPUT = new Part("IA3", "on_input");
  static final Part FACTOR = new Part("IA3", "ia3_l");

  @Override
  public String label() {
    return "IA3";
  }

  @Override
  public List<Suffix> suffixes() {
    return List.of(
        Suffix.of(".on_input", ON_INPUT),
        Suffix.beside(".weight", WEIGHT),
        Suffix.of(".ia3_l", FACTOR),
        Suffix.of(".ia3_l.*", FACTOR));
  }

  private static Optional<TensorInfo> values(ModuleTensors module) {
    return module.find(WEIGHT).or(() -> module.find(FACTOR));
  }

  @Override
  public Optional<Problem> problem(ModuleTensors module) {
    if (module.has(FACTOR) && (module.has(WEIGHT) || module.has(ON_INPUT))) {
      return Optional.of(module.broken("the module has factors of LyCORIS and of PEFT"));
    }
    Optional<TensorInfo> values = values(module);
    if (values.isEmpty()) {
      return Optional.of(module.broken("the factors of the IA3 are missing").expected(".weight"));
    }
    Shape shape = values.get().shape();
    Optional<Problem> type = module.typeProblem("a factor", values.stream().toList());
    if (type.isPresent() || isVector(shape)) {
      return type;
    }
    return Optional.of(
        module
            .broken("the factors of the IA3 belong to neither outputs nor inputs")
            .found(values.get().key() + " of shape " + shape)
            .expected("[out, 1] or [1, in], with 1 for each side of a kernel"));
  }

  private static boolean isVector(Shape shape) {
    long count = shape.elementCount();
    return count > 0
        && shape.rank() > 0
        && (shape.dim(0) == count || shape.rank() > 1 && shape.dim(1) == count);
  }

  /** What LyCORIS stores is added to a factor of 1. */
  @Override
  public boolean isIdle(ModuleTensors module, ZeroParts zeros) {
    return module.has(WEIGHT) && zeros.all(WEIGHT);
  }

  /** The side as far as the shape alone tells. */
  @Override
  public ModuleSize size(ModuleTensors module) {
    Shape shape = values(module).map(TensorInfo::shape).orElse(Shape.of());
    if (shape.rank() < 2 || !isVector(shape)) {
      return ModuleSize.UNKNOWN;
    }
    if (shape.dim(0) > 1) {
      return new ModuleSize(0, shape.dim(0));
    }
    return shape.rank() == 2 || module.has(WEIGHT)
        ? new ModuleSize(shape.dim(1), 0)
        : ModuleSize.UNKNOWN;
  }

  /** None. */
  @Override
  public OptionalLong rank(ModuleTensors module) {
    return OptionalLong.empty();
  }

  @Override
  public List<Change> changes(ModuleTensors module, Destination destination) {
    TensorInfo values = values(module).orElseThrow();
    Side side = side(module, values.shape(), destination.shape());
    var transform = new FactorTransform(module.source(), values, side, module.has(FACTOR) ? 0 : 1);
    List<Change> changes = new ArrayList<>();
    changes.add(new Change.Transform(transform, place(values, side, destination)));
    if (module.has(FACTOR) && side == Side.OUTPUTS) {
      destination.bias().ifPresent(bias -> changes.add(new Change.Transform(transform, bias)));
    }
    return changes;
  }

  private static Placement place(TensorInfo values, Side side, Destination destination) {
    Shape shape = destination.shape();
    long count = values.shape().elementCount();
    long kernel = shape.columns() / Side.INPUTS.length(shape);
    return side == Side.OUTPUTS
        ? destination.weight(count, shape.columns(), values, values)
        : destination.weight(shape.rows(), count * kernel, values, values);
  }

  private static Side side(ModuleTensors module, Shape shape, Shape weight) {
    if (module.has(ON_INPUT) && module.source().isHere()) {
      return module.number(ON_INPUT).orElseThrow() != 0 ? Side.INPUTS : Side.OUTPUTS;
    }
    if (shape.rank() > 1 && shape.dim(0) > 1) {
      return Side.OUTPUTS;
    }
    if (shape.rank() == 2) {
      return Side.INPUTS;
    }
    boolean outputs = shape.elementCount() == weight.rows();
    boolean inputs = shape.elementCount() == Side.INPUTS.length(weight);
    if (outputs && inputs && module.has(FACTOR)) {
      throw module
          .broken("the factors of this IA3 may belong to outputs or to inputs")
          .found("shape " + shape + " for a weight " + weight)
          .help("PEFT does not store which; merge it with PEFT, or leave this file out")
          .toException();
    }
    return outputs ? Side.OUTPUTS : Side.INPUTS;
  }
}
