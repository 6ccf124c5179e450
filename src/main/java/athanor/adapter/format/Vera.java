package athanor.adapter.format;

import athanor.delta.Change;
import athanor.delta.SharedPairDelta;
import athanor.error.Problem;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Two vectors of factors around random matrices that all layers share, as PEFT stores it: ΔW = (λ_b
 * ⊙ B)·(λ_d ⊙ A), of which each layer takes its first outputs and inputs (Kopiczko et al., "VeRA:
 * Vector-based random matrix adaptation", 2023). Without the matrices in the file ({@code
 * save_projection} false) they would have to be made by PyTorch's generator; such files are
 * refused.
 */
final class Vera implements MergingFormat {
  /** Factors of the outputs, {@code [out]}. */
  static final Part OUTER = new Part("VeRA", "vera_lambda_b");

  /** Factors of the inner dimension, {@code [rank]}. */
  static final Part INNER = new Part("VeRA", "vera_lambda_d");

  /** {@code [rank, most inputs]}, as the key of a whole file ends. */
  private static final String SHARED_A = "vera_A";

  /** {@code [most outputs, rank]}. */
  private static final String SHARED_B = "vera_B";

  @Override
  public String label() {
    return "VeRA";
  }

  @Override
  public List<Suffix> suffixes() {
    return List.of(
        Suffix.of(".vera_lambda_b", OUTER),
        Suffix.of(".vera_lambda_d", INNER),
        Suffix.of(".vera_lambda_b.*", OUTER),
        Suffix.of(".vera_lambda_d.*", INNER));
  }

  /** The matrix of a file whose key ends so, with or without the name of an adapter behind. */
  private static Optional<TensorInfo> shared(ModuleTensors module, String name) {
    return module.source().tensors().stream()
        .filter(tensor -> isNamed(tensor.key(), name))
        .findFirst();
  }

  private static boolean isNamed(String key, String name) {
    String[] words = key.split("\\.");
    return words[words.length - 1].equals(name)
        || words.length > 1 && words[words.length - 2].equals(name);
  }

  @Override
  public Optional<Problem> problem(ModuleTensors module) {
    for (Part part : List.of(OUTER, INNER)) {
      if (!module.has(part)) {
        return Optional.of(module.broken("factors of the VeRA are missing").expected(part.name()));
      }
      if (module.get(part).shape().rank() != 1 || module.get(part).shape().elementCount() == 0) {
        return Optional.of(
            module
                .broken("factors of the VeRA are no vector")
                .found(module.get(part).key() + " of shape " + module.get(part).shape()));
      }
    }
    Optional<Problem> type =
        module.typeProblem("a factor", List.of(module.get(OUTER), module.get(INNER)));
    return type.isPresent() ? type : sharedProblem(module);
  }

  private static Optional<Problem> sharedProblem(ModuleTensors module) {
    Optional<TensorInfo> right = shared(module, SHARED_A);
    Optional<TensorInfo> left = shared(module, SHARED_B);
    if (right.isEmpty() || left.isEmpty()) {
      return Optional.of(
          Problem.incompatible("this VeRA comes without the random matrices that it is made with")
              .at(module.place())
              .found("no " + SHARED_A + " and " + SHARED_B + " in the file")
              .expected("a file that PEFT saved with save_projection")
              .help("save it again from PEFT with save_projection=True, or merge it there"));
    }
    long rank = module.get(INNER).shape().elementCount();
    Shape a = right.get().shape();
    Shape b = left.get().shape();
    boolean sound =
        a.rank() == 2
            && b.rank() == 2
            && a.dim(0) >= rank
            && b.dim(1) >= rank
            && b.dim(0) >= module.get(OUTER).shape().elementCount()
            && a.elementCount() <= TensorInfo.MOST_IN_MEMORY
            && b.elementCount() <= TensorInfo.MOST_IN_MEMORY;
    return sound
        ? module.typeProblem("a matrix", List.of(right.get(), left.get()))
        : Optional.of(
            module
                .broken("the matrices of the VeRA are smaller than its factors")
                .found(SHARED_A + " " + a + " and " + SHARED_B + " " + b)
                .expected("[" + rank + ", inputs] and [outputs, " + rank + "]"));
  }

  @Override
  public boolean isIdle(ModuleTensors module, ZeroParts zeros) {
    return zeros.any(OUTER, INNER);
  }

  @Override
  public ModuleSize size(ModuleTensors module) {
    return new ModuleSize(
        0, module.find(OUTER).map(outer -> outer.shape().elementCount()).orElse(0L));
  }

  /** None: nothing is divided by it. */
  @Override
  public OptionalLong rank(ModuleTensors module) {
    return OptionalLong.empty();
  }

  @Override
  public List<Change> changes(ModuleTensors module, Destination destination) {
    TensorInfo outer = module.get(OUTER);
    TensorInfo a = shared(module, SHARED_A).orElseThrow();
    Shape weight = destination.shape();
    if (weight.rank() != 2 || weight.columns() > a.shape().columns()) {
      throw destination
          .misfit(a, "inputs for a linear layer of " + weight.columns() + " inputs")
          .toException();
    }
    var delta =
        new SharedPairDelta(
            module.source(),
            shared(module, SHARED_B).orElseThrow(),
            a,
            outer,
            module.get(INNER),
            weight.columns());
    return List.of(
        new Change.Add(delta, destination.weight(delta.outputs(), delta.inputs(), outer, a)));
  }
}
