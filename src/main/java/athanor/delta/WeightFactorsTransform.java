package athanor.delta;

import athanor.kernel.PackedMatrix;
import athanor.tensor.Shape;
import java.util.Arrays;

/**
 * A factor for each value of a weight, out of a low-rank matrix: f(W) = W + W ⊙ (left · right).
 *
 * @param matrix the factors less 1, {@code [outputs, rank] · [rank, inputs]}, kernels flattened
 * @param outputs rows of the weight
 * @param inputs columns of the weight
 */
public record WeightFactorsTransform(LowRank matrix, long outputs, long inputs)
    implements RowTransform {

  @Override
  public long loadedBytes() {
    return (long) Float.BYTES * matrix.rank() * (outputs + 2 * inputs);
  }

  @Override
  public LoadedTransform load(Shape shape, Arithmetic arithmetic) {
    LowRankFactors factors = matrix.factors(arithmetic);
    int rank = factors.rank();
    int width = Math.toIntExact(inputs);
    PackedMatrix right = arithmetic.kernels().pack(rank, width, factors.down(), 0, width);
    return new LoadedTransform() {
      private float[] product = new float[0];

      @Override
      public void apply(int from, int to, float[] values) {
        int count = (to - from) * width;
        if (product.length < count) {
          product = new float[count];
        }
        Arrays.fill(product, 0, count, 0f);
        arithmetic
            .kernels()
            .multiplyAdd(to - from, factors.up(), from * rank, rank, right, product, 0, width);
        for (int i = 0; i < count; i++) {
          values[i] = Math.fma(values[i], product[i], values[i]);
        }
      }
    };
  }
}
