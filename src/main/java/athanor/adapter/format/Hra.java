package athanor.adapter.format;

import athanor.delta.Change;
import athanor.delta.InputReflections;
import athanor.error.Problem;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Reflections of a weight's inputs, as PEFT stores them: W′ = W·H₁·H₂… with a vector in each column
 * of {@code hra_u}. Where PEFT's configuration says {@code apply_GS}, they are made orthogonal
 * first.
 */
final class Hra implements MergingFormat {
  /** The vectors, {@code [in, count]}. */
  static final Part VECTORS = new Part("HRA", "hra_u");

  @Override
  public String label() {
    return "HRA";
  }

  @Override
  public List<Suffix> suffixes() {
    return List.of(Suffix.of(".hra_u", VECTORS), Suffix.of(".hra_u.*", VECTORS));
  }

  @Override
  public boolean meansTheSameAnywhere() {
    return false;
  }

  @Override
  public Optional<Problem> problem(ModuleTensors module) {
    if (!module.has(VECTORS)) {
      return Optional.of(module.broken("the vectors of the HRA are missing"));
    }
    TensorInfo vectors = module.get(VECTORS);
    Shape shape = vectors.shape();
    boolean sound =
        shape.rank() == 2
            && shape.elementCount() > 0
            && shape.elementCount() <= TensorInfo.MOST_IN_MEMORY;
    return sound
        ? module.typeProblem("a vector", List.of(vectors))
        : Optional.of(
            module
                .broken("the vectors of the HRA are no matrix")
                .found(vectors.key() + " of shape " + shape)
                .expected("[inputs, vectors]"));
  }

  @Override
  public ModuleSize size(ModuleTensors module) {
    return new ModuleSize(
        module.find(VECTORS).map(vectors -> vectors.shape().rows()).orElse(0L), 0);
  }

  /** None. */
  @Override
  public OptionalLong rank(ModuleTensors module) {
    return OptionalLong.empty();
  }

  @Override
  public List<Change> changes(ModuleTensors module, Destination destination) {
    TensorInfo vectors = module.get(VECTORS);
    if (vectors.shape().rows() != destination.shape().columns()) {
      throw destination
          .misfit(vectors, "vectors of " + destination.shape().columns() + " inputs")
          .toException();
    }
    boolean orthogonal =
        module.config().value(module.module(), "apply_GS").filter("true"::equals).isPresent();
    return List.of(
        new Change.Transform(
            new InputReflections(module.source(), vectors, orthogonal), destination.weight()));
  }
}
