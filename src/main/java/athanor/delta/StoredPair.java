package athanor.delta;

import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;

/**
 * A pair of stored factors.
 *
 * @param source the file that holds them
 * @param left {@code [out, rank]} when flattened
 * @param right {@code [rank, in]} when flattened
 */
public record StoredPair(StateDict source, TensorInfo left, TensorInfo right) implements LowRank {
  @Override
  public int rank() {
    return Math.toIntExact(left.shape().columns());
  }

  @Override
  public LowRankFactors factors(Arithmetic arithmetic) {
    return new LowRankFactors(
        rank(),
        arithmetic.rounded(arithmetic.read(source, left)),
        arithmetic.rounded(arithmetic.read(source, right)));
  }
}
