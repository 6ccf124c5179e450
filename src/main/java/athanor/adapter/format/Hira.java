package athanor.adapter.format;

import athanor.delta.Change;
import athanor.delta.StoredPair;
import athanor.delta.WeightFactorsTransform;
import athanor.error.Problem;
import athanor.tensor.TensorInfo;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A low-rank matrix of factors, as PEFT stores it: W′ = W + W ⊙ (B·A) (Huang et al., "HiRA:
 * Parameter-efficient Hadamard high-rank adaptation", 2025). There is no alpha.
 */
final class Hira implements MergingFormat {
  /** Right factor, {@code [rank, in]}. */
  static final Part A = new Part("HiRA", "hira_A");

  /** Left factor, {@code [out, rank]}. */
  static final Part B = new Part("HiRA", "hira_B");

  @Override
  public String label() {
    return "HiRA";
  }

  @Override
  public List<Suffix> suffixes() {
    return List.of(
        Suffix.of(".hira_A", A),
        Suffix.of(".hira_B", B),
        Suffix.of(".hira_A.*", A),
        Suffix.of(".hira_B.*", B));
  }

  @Override
  public Optional<Problem> problem(ModuleTensors module) {
    for (Part part : List.of(A, B)) {
      if (!module.has(part)) {
        return Optional.of(module.broken("half of the pair is missing").expected(part.name()));
      }
    }
    TensorInfo right = module.get(A);
    TensorInfo left = module.get(B);
    boolean meet =
        right.shape().rank() >= 2
            && left.shape().rank() >= 2
            && right.shape().dim(0) == left.shape().columns()
            && isUsable(right)
            && isUsable(left);
    return meet
        ? module.typeProblem("a factor", List.of(right, left))
        : Optional.of(
            module
                .broken("the factors of the HiRA do not meet in one rank")
                .found("A " + right.shape() + " and B " + left.shape())
                .expected("A [rank, in] and B [out, rank]"));
  }

  private static boolean isUsable(TensorInfo factor) {
    long count = factor.shape().elementCount();
    return count > 0 && count <= TensorInfo.MOST_IN_MEMORY;
  }

  @Override
  public boolean isIdle(ModuleTensors module, ZeroParts zeros) {
    return zeros.any(A, B);
  }

  @Override
  public ModuleSize size(ModuleTensors module) {
    return new ModuleSize(
        module.find(A).map(right -> ModuleSize.inputs(right.shape())).orElse(0L),
        module.find(B).map(left -> left.shape().rows()).orElse(0L));
  }

  /** None: nothing is divided by it. */
  @Override
  public OptionalLong rank(ModuleTensors module) {
    return OptionalLong.empty();
  }

  @Override
  public List<Change> changes(ModuleTensors module, Destination destination) {
    TensorInfo left = module.get(B);
    TensorInfo right = module.get(A);
    long outputs = left.shape().rows();
    long inputs = right.shape().columns();
    var transform =
        new WeightFactorsTransform(new StoredPair(module.source(), left, right), outputs, inputs);
    return List.of(
        new Change.Transform(transform, destination.weight(outputs, inputs, left, right)));
  }
}
