package athanor.delta;

import athanor.kernel.PackedMatrix;
import java.util.Arrays;
import java.util.Optional;

/**
 * ΔW = scale · (A₁B₁) ⊙ (A₂B₂): the product of two low-rank matrices, element by element.
 *
 * @param first the first matrix
 * @param second the second, of the same sides
 * @param outputs rows of both
 * @param inputs columns of both
 * @param scale alpha / rank
 */
public record HadamardDelta(LowRank first, LowRank second, long outputs, long inputs, double scale)
    implements Delta {

  @Override
  public long loadedBytes() {
    return Float.BYTES * ((long) first.rank() + second.rank()) * (outputs + inputs);
  }

  /** Rows of each product are computed when they are asked for; the whole is never in memory. */
  @Override
  public LoadedDelta load(Arithmetic arithmetic) {
    int width = Math.toIntExact(inputs);
    LoadedProduct one = LoadedProduct.of(first.factors(arithmetic), width, arithmetic);
    LoadedProduct other = LoadedProduct.of(second.factors(arithmetic), width, arithmetic);
    return new LoadedDelta() {
      private float[] scratch = new float[0];

      @Override
      public void rows(int from, int to, float[] target) {
        int count = (to - from) * width;
        if (scratch.length < count) {
          scratch = new float[count];
        }
        one.rows(from, to, target);
        other.rows(from, to, scratch);
        for (int i = 0; i < count; i++) {
          target[i] *= scratch[i];
        }
      }
    };
  }

  private record LoadedProduct(
      Arithmetic arithmetic, int rank, float[] up, PackedMatrix down, int width) {
    static LoadedProduct of(LowRankFactors factors, int width, Arithmetic arithmetic) {
      int rank = factors.rank();
      PackedMatrix down = arithmetic.kernels().pack(rank, width, factors.down(), 0, width);
      return new LoadedProduct(arithmetic, rank, factors.up(), down, width);
    }

    void rows(int from, int to, float[] target) {
      Arrays.fill(target, 0, (to - from) * width, 0f);
      arithmetic.kernels().multiplyAdd(to - from, up, from * rank, rank, down, target, 0, width);
    }
  }

  /**
   * The exact factors of rank r₁·r₂: every column of A₁ times every column of A₂, every row of B₁
   * times every row of B₂.
   */
  @Override
  public Optional<LowRank> asLowRank() {
    long rank = (long) first.rank() * second.rank();
    return rank < Math.min(outputs, inputs)
        ? Optional.of(
            new Expanded(first, second, Math.toIntExact(outputs), Math.toIntExact(inputs)))
        : Optional.empty();
  }

  private record Expanded(LowRank first, LowRank second, int outputs, int inputs)
      implements LowRank {
    @Override
    public int rank() {
      return first.rank() * second.rank();
    }

    @Override
    public LowRankFactors factors(Arithmetic arithmetic) {
      LowRankFactors one = first.factors(arithmetic);
      LowRankFactors other = second.factors(arithmetic);
      float[] up = new float[outputs * rank()];
      float[] down = new float[rank() * inputs];
      for (int i = 0; i < one.rank(); i++) {
        for (int j = 0; j < other.rank(); j++) {
          int k = i * other.rank() + j;
          for (int row = 0; row < outputs; row++) {
            up[row * rank() + k] =
                one.up()[row * one.rank() + i] * other.up()[row * other.rank() + j];
          }
          for (int column = 0; column < inputs; column++) {
            down[k * inputs + column] =
                one.down()[i * inputs + column] * other.down()[j * inputs + column];
          }
        }
      }
      return new LowRankFactors(rank(), up, down);
    }
  }
}
