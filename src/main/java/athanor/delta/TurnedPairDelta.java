package athanor.delta;

import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.util.Optional;

/**
 * ΔW = scale · (left · right)ᵀ: a pair for a weight that is stored the other way round.
 *
 * @param source the file that holds the factors
 * @param left {@code [inputs, rank]}
 * @param right {@code [rank, outputs]}
 * @param scale alpha / rank
 */
public record TurnedPairDelta(StateDict source, TensorInfo left, TensorInfo right, double scale)
    implements Delta, LowRank {

  @Override
  public long outputs() {
    return right.shape().columns();
  }

  @Override
  public long inputs() {
    return left.shape().rows();
  }

  @Override
  public int rank() {
    return Math.toIntExact(left.shape().columns());
  }

  @Override
  public long loadedBytes() {
    return (long) Float.BYTES * rank() * (outputs() + inputs());
  }

  @Override
  public Optional<LowRank> stackable() {
    return Optional.of(this);
  }

  @Override
  public LowRankFactors factors(Arithmetic arithmetic) {
    return new LowRankFactors(
            rank(),
            arithmetic.rounded(arithmetic.read(source, left)),
            arithmetic.rounded(arithmetic.read(source, right)))
        .transposed();
  }

  @Override
  public LoadedDelta load(Arithmetic arithmetic) {
    return LowRankDelta.loaded(factors(arithmetic), Math.toIntExact(inputs()), arithmetic);
  }
}
