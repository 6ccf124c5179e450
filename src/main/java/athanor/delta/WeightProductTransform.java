package athanor.delta;

import athanor.kernel.PackedMatrix;
import athanor.tensor.Shape;

/**
 * Adds a product of the weight with a low-rank matrix: f(W) = W + scale · (W · left) · right. A
 * convolution's matrix may be one over its channels, which every position of the kernel is
 * multiplied with alike, or one over channels and kernel.
 *
 * @param matrix left {@code [side, rank]} as its {@code up}, right {@code [rank, side]} as its
 *     {@code down}
 * @param side inputs of the weight, with or without its kernel
 * @param scale alpha / rank
 */
public record WeightProductTransform(LowRank matrix, int side, double scale)
    implements RowTransform {

  @Override
  public long loadedBytes() {
    return 2L * Float.BYTES * matrix.rank() * side;
  }

  @Override
  public LoadedTransform load(Shape shape, Arithmetic arithmetic) {
    LowRankFactors factors = matrix.factors(arithmetic);
    int rank = factors.rank();
    PackedMatrix left = arithmetic.kernels().pack(side, rank, factors.up(), 0, rank);
    PackedMatrix right = arithmetic.kernels().pack(rank, side, factors.down(), 0, side);
    int kernel = Math.toIntExact(shape.columns()) / side;
    return (from, to, values) -> {
      int height = (to - from) * kernel;
      float[] weight = channelsLast(values, to - from, kernel);
      float[] inner = new float[height * rank];
      arithmetic.kernels().multiplyAdd(height, weight, 0, side, left, inner, 0, rank);
      float[] product = new float[height * side];
      arithmetic.kernels().multiplyAdd(height, inner, 0, rank, right, product, 0, side);
      addProduct(product, values, to - from, kernel);
    };
  }

  /** Each row {@code [side, kernel]} turned over; without a kernel the rows as they are. */
  private float[] channelsLast(float[] values, int rows, int kernel) {
    if (kernel == 1) {
      return values;
    }
    float[] turned = new float[rows * side * kernel];
    for (int row = 0; row < rows; row++) {
      int offset = row * side * kernel;
      for (int input = 0; input < side; input++) {
        for (int k = 0; k < kernel; k++) {
          turned[offset + k * side + input] = values[offset + input * kernel + k];
        }
      }
    }
    return turned;
  }

  private void addProduct(float[] product, float[] values, int rows, int kernel) {
    float factor = (float) scale;
    if (kernel == 1) {
      for (int i = 0; i < rows * side; i++) {
        values[i] = Math.fma(factor, product[i], values[i]);
      }
      return;
    }
    for (int row = 0; row < rows; row++) {
      int offset = row * side * kernel;
      for (int input = 0; input < side; input++) {
        for (int k = 0; k < kernel; k++) {
          int at = offset + input * kernel + k;
          values[at] = Math.fma(factor, product[offset + k * side + input], values[at]);
        }
      }
    }
  }
}
