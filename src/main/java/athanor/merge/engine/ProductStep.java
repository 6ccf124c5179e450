package athanor.merge.engine;

import athanor.delta.Arithmetic;
import athanor.delta.Change;
import athanor.delta.LowRank;
import athanor.delta.LowRankFactors;
import athanor.delta.Placement;
import athanor.kernel.Kernels;
import athanor.kernel.PackedMatrix;
import athanor.tensor.Rows;
import java.util.List;

/**
 * All low-rank deltas of the same rows as one product: {@code [s₁U₁ s₂U₂ …] · [D₁; D₂; …]}, where s
 * is ratio · alpha / rank.
 */
final class ProductStep implements Step {
  private final Kernels kernels;
  private final Rows rows;
  private final int rank;
  private final float[] up;
  private final PackedMatrix down;

  private ProductStep(Kernels kernels, Rows rows, int rank, float[] up, PackedMatrix down) {
    this.kernels = kernels;
    this.rows = rows;
    this.rank = rank;
    this.up = up;
    this.down = down;
  }

  /** Loads and stacks deltas that change exactly the same rows and columns. */
  static ProductStep load(List<Change.Add> adds, Kernels kernels) {
    Placement place = adds.getFirst().place();
    int rows = Math.toIntExact(place.rows().count());
    int columns = place.columns();
    int rank = 0;
    for (Change.Add add : adds) {
      rank += factorsOf(add).rank();
    }
    float[] up = new float[Math.multiplyExact(rows, rank)];
    float[] down = new float[Math.multiplyExact(rank, columns)];
    int at = 0;
    for (Change.Add add : adds) {
      LowRankFactors trained = factorsOf(add).factors(Arithmetic.float32(kernels));
      LowRankFactors factors = place.transposed() ? trained.transposed() : trained;
      copyScaled(factors, (float) add.factor(), up, rows, rank, at);
      System.arraycopy(factors.down(), 0, down, at * columns, factors.rank() * columns);
      at += factors.rank();
    }
    return new ProductStep(
        kernels, place.rows(), rank, up, kernels.pack(rank, columns, down, 0, columns));
  }

  private static LowRank factorsOf(Change.Add add) {
    return add.delta().stackable().orElseThrow();
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
  public void apply(RowBlock block) {
    block.forEach(
        rows,
        (from, to, offset) ->
            kernels.multiplyAdd(
                to - from, up, from * rank, rank, down, block.values(), offset, block.columns()));
  }
}
