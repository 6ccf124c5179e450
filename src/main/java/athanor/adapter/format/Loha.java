package athanor.adapter.format;

import athanor.delta.Change;
import athanor.delta.HadamardDelta;
import athanor.delta.LowRank;
import athanor.delta.StoredPair;
import athanor.delta.TuckerPair;
import athanor.error.Problem;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * The product of two low-rank matrices, element by element: ΔW = alpha / rank · (w1_a·w1_b) ⊙
 * (w2_a·w2_b), as LyCORIS, OneTrainer and PEFT store it. Factors of a convolution may be 4-D
 * (OneTrainer) or lie around Tucker cores ({@code hada_t1}, {@code hada_t2}), where the left ones
 * are stored turned over.
 */
final class Loha implements MergingFormat {
  static final Part FIRST_LEFT = new Part("LoHa", "hada_w1_a");
  static final Part FIRST_RIGHT = new Part("LoHa", "hada_w1_b");
  static final Part SECOND_LEFT = new Part("LoHa", "hada_w2_a");
  static final Part SECOND_RIGHT = new Part("LoHa", "hada_w2_b");
  static final Part FIRST_CORE = new Part("LoHa", "hada_t1");
  static final Part SECOND_CORE = new Part("LoHa", "hada_t2");

  private static final List<Part> FACTORS =
      List.of(FIRST_LEFT, FIRST_RIGHT, SECOND_LEFT, SECOND_RIGHT);

  /** One of the two matrices; {@code [out, in]} with the kernel in {@code in}. */
  private record Matrix(TensorInfo left, TensorInfo right, Optional<TensorInfo> core) {
    static Matrix first(ModuleTensors module) {
      return new Matrix(module.get(FIRST_LEFT), module.get(FIRST_RIGHT), module.find(FIRST_CORE));
    }

    static Matrix second(ModuleTensors module) {
      return new Matrix(
          module.get(SECOND_LEFT), module.get(SECOND_RIGHT), module.find(SECOND_CORE));
    }

    long outputs() {
      return core.isPresent() ? left.shape().columns() : left.shape().rows();
    }

    long inputs() {
      long kernel = core.map(c -> c.shape().dim(2) * c.shape().dim(3)).orElse(1L);
      return right.shape().columns() * kernel;
    }

    LowRank load(ModuleTensors module) {
      return core.isPresent()
          ? new TuckerPair(module.source(), core.get(), left, right)
          : new StoredPair(module.source(), left, right);
    }

    /** Whether the factors, and the core between them, meet in one rank above 0. */
    boolean isSound() {
      if (left.shape().rank() < 2 || right.shape().rank() < 2) {
        return false;
      }
      long rightRank = right.shape().rows();
      if (core.isEmpty()) {
        return rightRank > 0 && left.shape().columns() == rightRank;
      }
      Shape middle = core.get().shape();
      return middle.rank() == 4
          && middle.dim(0) > 0
          && middle.dim(0) == left.shape().rows()
          && middle.dim(1) == rightRank
          && rightRank > 0;
    }

    @Override
    public String toString() {
      String between = core.map(c -> ", core " + c.shape()).orElse("");
      return left.shape() + between + ", " + right.shape();
    }
  }

  @Override
  public String label() {
    return "LoHa";
  }

  @Override
  public List<Suffix> suffixes() {
    return List.of(
        Suffix.of(".hada_w1_a", FIRST_LEFT),
        Suffix.of(".hada_w1_b", FIRST_RIGHT),
        Suffix.of(".hada_w2_a", SECOND_LEFT),
        Suffix.of(".hada_w2_b", SECOND_RIGHT),
        Suffix.of(".hada_t1", FIRST_CORE),
        Suffix.of(".hada_t2", SECOND_CORE));
  }

  /** Two products of rank 0. */
  @Override
  public boolean changesNothing(ModuleTensors module) {
    return FACTORS.stream().allMatch(module::has)
        && !module.has(FIRST_CORE)
        && !module.has(SECOND_CORE)
        && Stream.of(FIRST_LEFT, SECOND_LEFT)
            .map(module::get)
            .allMatch(left -> left.shape().rank() == 2 && left.shape().dim(1) == 0)
        && Stream.of(FIRST_RIGHT, SECOND_RIGHT)
            .map(module::get)
            .allMatch(right -> right.shape().rank() >= 2 && right.shape().dim(0) == 0);
  }

  @Override
  public Optional<Problem> problem(ModuleTensors module) {
    for (Part part : FACTORS) {
      if (!module.has(part)) {
        return Optional.of(module.broken("a factor of the LoHa is missing").expected(part.name()));
      }
    }
    if (module.has(FIRST_CORE) != module.has(SECOND_CORE)) {
      return Optional.of(module.broken("the LoHa has one Tucker core instead of two"));
    }
    List<TensorInfo> all = new ArrayList<>();
    module
        .tensors()
        .forEach((part, tensor) -> {
          if (!part.isScalar()) {
            all.add(tensor);
          }
        });
    return module.typeProblem("a factor", all).or(() -> shapeProblem(module));
  }

  private static Optional<Problem> shapeProblem(ModuleTensors module) {
    Matrix first = Matrix.first(module);
    Matrix second = Matrix.second(module);
    for (Matrix matrix : List.of(first, second)) {
      if (!matrix.isSound()) {
        return Optional.of(
            module.broken("the factors of the LoHa do not meet in one rank").found(matrix));
      }
    }
    boolean sameSides = first.outputs() == second.outputs() && first.inputs() == second.inputs();
    return sameSides
        ? Optional.empty()
        : Optional.of(
            module
                .broken("the two matrices of the LoHa differ in size")
                .found(first + " and " + second));
  }

  @Override
  public boolean isIdle(ModuleTensors module, ZeroParts zeros) {
    return zeros.any(FIRST_LEFT, FIRST_RIGHT, FIRST_CORE, SECOND_LEFT, SECOND_RIGHT, SECOND_CORE);
  }

  @Override
  public ModuleSize size(ModuleTensors module) {
    boolean turned = module.has(FIRST_CORE);
    return new ModuleSize(
        module.find(FIRST_RIGHT).map(right -> ModuleSize.inputs(right.shape())).orElse(0L),
        module
            .find(FIRST_LEFT)
            .map(left -> turned ? ModuleSize.inputs(left.shape()) : left.shape().rows())
            .orElse(0L));
  }

  @Override
  public OptionalLong rank(ModuleTensors module) {
    return module.rankOf(FIRST_RIGHT);
  }

  @Override
  public List<Change> changes(ModuleTensors module, Destination destination) {
    Matrix first = Matrix.first(module);
    HadamardDelta delta =
        new HadamardDelta(
            first.load(module),
            Matrix.second(module).load(module),
            first.outputs(),
            first.inputs(),
            module.scale(rank(module).orElseThrow()));
    return List.of(
        new Change.Add(
            delta,
            destination.weight(delta.outputs(), delta.inputs(), first.left(), first.right())));
  }
}
