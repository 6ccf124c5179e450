package athanor.delta;

import athanor.kernel.Kernels;

/**
 * The values of a product of two factors: up · down, without any scale.
 *
 * @param rank the inner dimension
 * @param up {@code [rows, rank]}, row-major
 * @param down {@code [rank, columns]}, row-major
 */
@SuppressWarnings("ArrayRecordComponent") // large, handed over without copying
public record LowRankFactors(int rank, float[] up, float[] down) {

  /** The factors of the transposed product: downᵀ · upᵀ. */
  public LowRankFactors transposed() {
    return new LowRankFactors(
        rank,
        Transposed.of(down, rank, down.length / rank),
        Transposed.of(up, up.length / rank, rank));
  }

  /** The sum of the squares of all values of the product: the trace of upᵀ·up·down·downᵀ. */
  public double squaredNorm(Kernels kernels) {
    LowRankFactors turned = transposed();
    float[] left = product(kernels, turned.down(), up, up.length / rank);
    float[] right = product(kernels, down, turned.up(), down.length / rank);
    double sum = 0;
    for (int i = 0; i < left.length; i++) {
      sum += (double) left[i] * right[i];
    }
    return Math.max(0, sum);
  }

  /** {@code [rank, inner] · [inner, rank]}. */
  private float[] product(Kernels kernels, float[] one, float[] other, int inner) {
    float[] result = new float[rank * rank];
    kernels.multiplyAdd(
        rank, one, 0, inner, kernels.pack(inner, rank, other, 0, rank), result, 0, rank);
    return result;
  }
}
