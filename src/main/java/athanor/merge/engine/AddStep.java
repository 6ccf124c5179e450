package athanor.merge.engine;

import athanor.delta.Arithmetic;
import athanor.delta.Change;
import athanor.delta.LoadedDelta;
import athanor.delta.Placement;
import athanor.delta.Transposed;
import athanor.kernel.Kernels;
import athanor.tensor.Rows;

/**
 * One delta, added row by row. In float32 that is {@code W += ratio·scale · values}, fused. In fp16
 * or bf16 it is what kohya's {@code merge_lora.py --precision} does: the factors, the product,
 * ratio · product, that · scale, and the sum are each rounded; the product itself is accumulated in
 * float32, as matrix libraries do.
 */
final class AddStep implements Step {
  private final Change.Add add;
  private final Arithmetic arithmetic;
  private final BlockBuffers buffers;
  private final LoadedDelta delta;
  private final float scale;

  private AddStep(
      Change.Add add, Arithmetic arithmetic, BlockBuffers buffers, LoadedDelta delta, float scale) {
    this.add = add;
    this.arithmetic = arithmetic;
    this.buffers = buffers;
    this.delta = delta;
    this.scale = scale;
  }

  static AddStep load(Change.Add add, Arithmetic arithmetic, BlockBuffers buffers) {
    LoadedDelta loaded = add.delta().load(arithmetic);
    float[] scale = arithmetic.rounded(new float[] {(float) add.delta().scale()});
    return new AddStep(add, arithmetic, buffers, inOrderOf(add.place(), loaded), scale[0]);
  }

  /** Rows as the checkpoint has them. */
  private static LoadedDelta inOrderOf(Placement place, LoadedDelta loaded) {
    if (!place.transposed()) {
      return loaded;
    }
    float[] trained = new float[Math.multiplyExact(place.outputs(), place.inputs())];
    loaded.rows(0, place.outputs(), trained);
    float[] turned = Transposed.of(trained, place.outputs(), place.inputs());
    int width = place.columns();
    return (from, to, target) ->
        System.arraycopy(turned, from * width, target, 0, (to - from) * width);
  }

  @Override
  public Rows rows() {
    return add.rows();
  }

  @Override
  public void apply(RowBlock block) {
    int width = add.place().columns();
    block.forEach(
        rows(),
        (from, to, offset) -> {
          int count = (to - from) * width;
          float[] values = buffers.scratch(count);
          delta.rows(from, to, values);
          if (arithmetic.isFull()) {
            fuse(values, to - from, width, block, offset);
          } else {
            addRounded(values, to - from, width, block, offset);
          }
        });
  }

  private void fuse(float[] delta, int height, int width, RowBlock block, int offset) {
    float factor = (float) add.factor();
    float[] values = block.values();
    for (int row = 0; row < height; row++) {
      int target = offset + row * block.columns();
      for (int column = 0; column < width; column++) {
        values[target + column] =
            Math.fma(factor, delta[row * width + column], values[target + column]);
      }
    }
  }

  private void addRounded(float[] delta, int height, int width, RowBlock block, int offset) {
    Kernels kernels = arithmetic.kernels();
    int count = height * width;
    kernels.round(arithmetic.precision(), delta, 0, count);
    multiply(delta, count, (float) add.ratio());
    kernels.round(arithmetic.precision(), delta, 0, count);
    multiply(delta, count, scale);
    kernels.round(arithmetic.precision(), delta, 0, count);
    float[] values = block.values();
    for (int row = 0; row < height; row++) {
      int target = offset + row * block.columns();
      for (int column = 0; column < width; column++) {
        values[target + column] += delta[row * width + column];
      }
      kernels.round(arithmetic.precision(), values, target, width);
    }
  }

  private static void multiply(float[] values, int count, float factor) {
    for (int i = 0; i < count; i++) {
      values[i] *= factor;
    }
  }
}
