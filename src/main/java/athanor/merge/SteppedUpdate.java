package athanor.merge;

import athanor.adapter.DenseDelta;
import athanor.adapter.LowRankDelta;
import athanor.adapter.LowRankFactors;
import athanor.kernel.Kernels;
import athanor.kernel.PackedMatrix;
import athanor.tensor.DType;
import athanor.tensor.Rows;
import java.util.Arrays;

/**
 * One delta applied in fp16 or bf16 as kohya's {@code merge_lora.py --precision} does: the factors,
 * the product, ratio · product, that · scale, and the sum are each rounded. The product itself is
 * accumulated in float32, as matrix libraries do.
 */
final class SteppedUpdate implements Update {
  private final WeightedDelta weighted;
  private final DType precision;
  private final float scale;
  private final Product product;

  /** How the rounded, unscaled delta of some rows is computed into an array of zeros. */
  @FunctionalInterface
  private interface Product {
    void compute(Kernels kernels, int from, int to, float[] target);
  }

  private SteppedUpdate(WeightedDelta weighted, DType precision, float scale, Product product) {
    this.weighted = weighted;
    this.precision = precision;
    this.product = product;
    this.scale = scale;
  }

  static SteppedUpdate load(WeightedDelta weighted, DType precision, Kernels kernels) {
    float[] scale = {(float) weighted.delta().scale()};
    kernels.round(precision, scale, 0, 1);
    Product product =
        switch (weighted.delta()) {
          case LowRankDelta delta -> product(delta, precision, kernels);
          case DenseDelta delta -> difference(delta, kernels);
        };
    return new SteppedUpdate(weighted, precision, scale[0], product);
  }

  private static Product product(LowRankDelta delta, DType precision, Kernels kernels) {
    LowRankFactors factors = delta.load(kernels);
    kernels.round(precision, factors.up(), 0, factors.up().length);
    kernels.round(precision, factors.down(), 0, factors.down().length);
    int rank = factors.rank();
    int columns = Math.toIntExact(delta.columns());
    PackedMatrix down = kernels.pack(rank, columns, factors.down(), 0, columns);
    return (k, from, to, target) ->
        k.multiplyAdd(to - from, factors.up(), from * rank, rank, down, target, 0, columns);
  }

  private static Product difference(DenseDelta delta, Kernels kernels) {
    float[] values = delta.load(kernels);
    int columns = Math.toIntExact(delta.columns());
    return (k, from, to, target) ->
        System.arraycopy(values, from * columns, target, 0, (to - from) * columns);
  }

  @Override
  public Rows rows() {
    return weighted.delta().region();
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
    int width = Math.toIntExact(weighted.delta().columns());
    int count = (to - from) * width;
    float[] delta = buffers.scratch(count);
    Arrays.fill(delta, 0, count, 0f);
    product.compute(kernels, from, to, delta);
    kernels.round(precision, delta, 0, count);
    multiply(delta, count, (float) weighted.ratio());
    kernels.round(precision, delta, 0, count);
    multiply(delta, count, scale);
    kernels.round(precision, delta, 0, count);
    for (int row = 0; row < to - from; row++) {
      int target = offset + row * columns;
      for (int column = 0; column < width; column++) {
        values[target + column] += delta[row * width + column];
      }
      kernels.round(precision, values, target, width);
    }
  }

  private static void multiply(float[] values, int count, float factor) {
    for (int i = 0; i < count; i++) {
      values[i] *= factor;
    }
  }
}
