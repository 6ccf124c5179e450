package athanor.merge.lora;

import athanor.delta.LowRankFactors;
import athanor.kernel.TruncatedSvd;

/**
 * A decomposition as a low-rank pair: both factors get the root of the singular values, so that
 * they are of one size and fp16 holds both well.
 */
public final class BalancedFactors {
  private BalancedFactors() {}

  /** {@code U·√S·gain} and {@code √S·Vᵀ}, in the arrays of the decomposition, which is used up. */
  public static LowRankFactors of(TruncatedSvd svd, double gain) {
    int rank = svd.rank();
    double[] roots = new double[rank];
    for (int k = 0; k < rank; k++) {
      roots[k] = Math.sqrt(svd.s()[k]);
    }
    float[] up = svd.u();
    for (int row = 0; row < svd.rows(); row++) {
      for (int k = 0; k < rank; k++) {
        up[row * rank + k] = (float) (up[row * rank + k] * roots[k] * gain);
      }
    }
    float[] down = svd.vt();
    for (int k = 0; k < rank; k++) {
      for (int column = 0; column < svd.columns(); column++) {
        int at = k * svd.columns() + column;
        down[at] = (float) (down[at] * roots[k]);
      }
    }
    return new LowRankFactors(rank, up, down);
  }
}
