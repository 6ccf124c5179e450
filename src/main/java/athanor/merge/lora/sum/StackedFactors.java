package athanor.merge.lora.sum;

import athanor.delta.Arithmetic;
import athanor.delta.Change;
import athanor.delta.LowRankFactors;
import athanor.kernel.Kernels;
import athanor.merge.lora.BalancedScale;
import athanor.tensor.Shape;

/** Low-rank updates of one module side by side: {@code [U₁ U₂ …] · [D₁; D₂; …] = Σ sᵢ·UᵢDᵢ}. */
public final class StackedFactors {
  private StackedFactors() {}

  /** Loads the pairs of a module with their factors folded in; the rank is the sum of theirs. */
  public static LowRankFactors load(ModuleSum sum, Kernels kernels) {
    Shape shape = sum.target().deltaShape();
    int rows = Math.toIntExact(shape.rows());
    int columns = Math.toIntExact(shape.columns());
    int rank = sum.stackedRank();
    float[] up = new float[Math.multiplyExact(rows, rank)];
    float[] down = new float[Math.multiplyExact(rank, columns)];
    int at = 0;
    for (Change.Add add : sum.pairs()) {
      LowRankFactors pair =
          add.delta().asLowRank().orElseThrow().factors(Arithmetic.float32(kernels));
      BalancedScale split = BalancedScale.of(add.factor(), pair.up(), pair.down());
      int own = pair.rank();
      for (int row = 0; row < rows; row++) {
        for (int k = 0; k < own; k++) {
          up[row * rank + at + k] = split.up() * pair.up()[row * own + k];
        }
      }
      for (int i = 0; i < own * columns; i++) {
        down[at * columns + i] = split.down() * pair.down()[i];
      }
      at += own;
    }
    return new LowRankFactors(rank, up, down);
  }
}
