package athanor.merge;

import athanor.adapter.LowRankDelta;
import athanor.adapter.LowRankFactors;
import athanor.kernel.Kernels;
import athanor.kernel.PackedMatrix;
import athanor.tensor.Rows;
import java.util.List;

/**
 * All low-rank deltas of the same rows as one product: {@code [s₁U₁ s₂U₂ …] · [D₁; D₂; …]}, where s
 * is ratio · alpha / rank.
 */
final class StackedUpdate implements Update {
  private final Rows rows;
  private final int rank;
  private final float[] up;
  private final PackedMatrix down;

  private StackedUpdate(Rows rows, int rank, float[] up, PackedMatrix down) {
    this.rows = rows;
    this.rank = rank;
    this.up = up;
    this.down = down;
  }

  /** Loads and stacks deltas that change exactly the same rows and columns. */
  static StackedUpdate load(List<WeightedDelta> deltas, Kernels kernels) {
    LowRankDelta first = (LowRankDelta) deltas.getFirst().delta();
    int rows = Math.toIntExact(first.region().count());
    int columns = Math.toIntExact(first.columns());
    int rank = 0;
    for (WeightedDelta weighted : deltas) {
      rank += ((LowRankDelta) weighted.delta()).rank();
    }
    float[] up = new float[Math.multiplyExact(rows, rank)];
    float[] down = new float[Math.multiplyExact(rank, columns)];
    int at = 0;
    for (WeightedDelta weighted : deltas) {
      LowRankFactors factors = ((LowRankDelta) weighted.delta()).load(kernels);
      copyScaled(factors, (float) weighted.factor(), up, rows, rank, at);
      System.arraycopy(factors.down(), 0, down, at * columns, factors.rank() * columns);
      at += factors.rank();
    }
    return new StackedUpdate(
        first.region(), rank, up, kernels.pack(rank, columns, down, 0, columns));
  }

  private static void copyScaled(
      LowRankFactors factors, float scale, float[] up, int rows, int rank, int at) {
    int own = factors.rank();
    for (int row = 0; row < rows; row++) {
      for (int k = 0; k < own; k++) {
        up[row * rank + at + k] = scale * factors.up()[row * own + k];
      }
    }
  }

  @Override
  public Rows rows() {
    return rows;
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
    kernels.multiplyAdd(to - from, up, from * rank, rank, down, values, offset, columns);
  }
}
