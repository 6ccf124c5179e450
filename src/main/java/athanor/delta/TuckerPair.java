package athanor.delta;

import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;

/**
 * Stored factors of a convolution around a Tucker core: {@code Σᵢⱼ core[i, j, k]·left[i, out]·
 * right[j, in]}.
 *
 * @param source the file that holds them
 * @param core {@code [rank, rank, kh, kw]}
 * @param left {@code [rank, out]}
 * @param right {@code [rank, in]}
 */
public record TuckerPair(StateDict source, TensorInfo core, TensorInfo left, TensorInfo right)
    implements LowRank {
  @Override
  public int rank() {
    return Math.toIntExact(left.shape().rows());
  }

  @Override
  public LowRankFactors factors(Arithmetic arithmetic) {
    float[] up =
        Transposed.of(arithmetic.read(source, left), left.shape().rows(), left.shape().columns());
    float[] down =
        LowRankDelta.foldCore(
            arithmetic.read(source, core),
            arithmetic.read(source, right),
            core,
            Math.toIntExact(right.shape().columns()));
    return new LowRankFactors(rank(), arithmetic.rounded(up), arithmetic.rounded(down));
  }
}
