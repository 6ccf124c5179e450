package athanor.merge;

import athanor.adapter.DenseDelta;
import athanor.kernel.Kernels;
import athanor.tensor.Rows;

/** A stored difference: {@code W += s · diff}. */
final class DenseUpdate implements Update {
  private final DenseDelta delta;
  private final float factor;
  private final float[] difference;

  private DenseUpdate(DenseDelta delta, float factor, float[] difference) {
    this.delta = delta;
    this.factor = factor;
    this.difference = difference;
  }

  static DenseUpdate load(WeightedDelta weighted, Kernels kernels) {
    DenseDelta delta = (DenseDelta) weighted.delta();
    return new DenseUpdate(delta, (float) weighted.factor(), delta.load(kernels));
  }

  @Override
  public Rows rows() {
    return delta.region();
  }

  @Override
  public void apply(
      Kernels kernels,
      int from,
      int to,
      float[] values,
      int offset,
      int columns,
      BlockBuffers buffers) {
    int width = Math.toIntExact(delta.columns());
    for (int row = from; row < to; row++) {
      int target = offset + (row - from) * columns;
      for (int column = 0; column < width; column++) {
        values[target + column] =
            Math.fma(factor, difference[row * width + column], values[target + column]);
      }
    }
  }
}
