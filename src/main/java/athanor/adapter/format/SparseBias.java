package athanor.adapter.format;

import athanor.delta.Change;
import athanor.delta.SparseDelta;
import athanor.error.Problem;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The largest values of what a pair leaves of a difference, as LyCORIS extracts them ({@code
 * --use_sparse_bias}): places and values of a matrix {@code [out, in]}, kernels flattened, that is
 * added beside the pair and scaled like it. A1111 and InvokeAI read it the same way; the pairs have
 * alpha = rank, so the scale is 1 in every file that LyCORIS wrote. It has nothing to do with the
 * bias of a layer.
 */
final class SparseBias implements WrappingFormat {
  /** Rows and columns, integers {@code [2, n]}. */
  static final Part PLACES = new Part("sparse bias", "bias_indices");

  /** The values. */
  static final Part VALUES = new Part("sparse bias", "bias_values");

  /** Sides of the matrix, two integers. */
  static final Part SIDES = new Part("sparse bias", "bias_size");

  @Override
  public String label() {
    return "sparse bias of LyCORIS";
  }

  @Override
  public List<Suffix> suffixes() {
    return List.of(
        Suffix.of(".bias_indices", PLACES),
        Suffix.of(".bias_values", VALUES),
        Suffix.of(".bias_size", SIDES));
  }

  @Override
  public Optional<Problem> problem(ModuleTensors module) {
    for (Part part : List.of(PLACES, VALUES)) {
      if (!module.has(part)) {
        return Optional.of(
            module.broken("a part of the sparse bias is missing").expected(part.name()));
      }
    }
    TensorInfo places = module.get(PLACES);
    TensorInfo values = module.get(VALUES);
    Shape shape = places.shape();
    if (shape.rank() != 2
        || shape.dim(0) != 2
        || shape.dim(1) != values.shape().elementCount()
        || shape.elementCount() > TensorInfo.MOST_IN_MEMORY / Long.BYTES) {
      return Optional.of(
          module
              .broken("places and values of the sparse bias do not belong together")
              .found("places " + shape + " and values " + values.shape())
              .expected("places [2, n] for n values"));
    }
    return SparseDelta.holdsPlaces(places.dtype())
        ? module.typeProblem("a sparse bias", List.of(values))
        : Optional.of(
            module
                .broken("the places of the sparse bias are no whole numbers")
                .found(places.key() + " of type " + places.dtype())
                .expected(DType.I16 + ", " + DType.I32 + " or " + DType.I64));
  }

  @Override
  public List<Change> wrap(ModuleTensors module, Destination destination, List<Change> inner) {
    TensorInfo values = module.get(VALUES);
    Shape shape = destination.shape();
    List<Change> changes = new ArrayList<>(inner);
    if (values.shape().elementCount() == 0) {
      return changes;
    }
    double scale =
        inner.stream()
            .filter(change -> change.place().equals(destination.weight()))
            .filter(Change.Add.class::isInstance)
            .mapToDouble(change -> ((Change.Add) change).delta().scale())
            .findFirst()
            .orElse(1);
    changes.add(
        new Change.Add(
            new SparseDelta(
                module.source(), module.get(PLACES), values, shape.rows(), shape.columns(), scale),
            destination.weight()));
    return changes;
  }
}
