package athanor.delta;

import athanor.kernel.Kernels;
import athanor.kernel.PackedMatrix;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Rotates the inputs of a weight in blocks of neighbours, W′ = W·diag(R₁, R₂, …)ᵀ, and multiplies
 * each output by a factor if there are some. The inputs of a convolution are its channels times its
 * kernel.
 *
 * @param blocks the rotations; a single one serves all blocks
 * @param turned whether the rotations are not transposed: W′ = W·diag(R₁, R₂, …)
 * @param rescale a factor for each output
 */
public record InputRotation(SkewBlocks blocks, boolean turned, Optional<TensorInfo> rescale)
    implements RowTransform {

  @Override
  public long loadedBytes() {
    return 2 * blocks.loadedBytes() + RowFactors.loadedBytes(rescale);
  }

  @Override
  public LoadedTransform load(Shape shape, Arithmetic arithmetic) {
    int size = blocks.size();
    float[] rotations = blocks.load(arithmetic);
    List<PackedMatrix> packed = new ArrayList<>();
    for (int at = 0; at < rotations.length; at += size * size) {
      float[] rotation = Arrays.copyOfRange(rotations, at, at + size * size);
      float[] right = turned ? rotation : Transposed.of(rotation, size, size);
      packed.add(arithmetic.kernels().pack(size, size, right, 0, size));
    }
    RowFactors factors = RowFactors.load(blocks.source(), rescale, arithmetic);
    return new Loaded(
        arithmetic.kernels(), packed, size, Math.toIntExact(shape.columns()), factors);
  }

  private static final class Loaded implements LoadedTransform {
    private final Kernels kernels;
    private final List<PackedMatrix> rotations;
    private final int size;
    private final int width;
    private final RowFactors factors;
    private float[] before = new float[0];

    Loaded(Kernels kernels, List<PackedMatrix> rotations, int size, int width, RowFactors factors) {
      this.kernels = kernels;
      this.rotations = rotations;
      this.size = size;
      this.width = width;
      this.factors = factors;
    }

    @Override
    public void apply(int from, int to, float[] values) {
      int rows = to - from;
      int count = rows * width;
      if (before.length < count) {
        before = new float[count];
      }
      System.arraycopy(values, 0, before, 0, count);
      Arrays.fill(values, 0, count, 0f);
      for (int first = 0; first < width; first += size) {
        PackedMatrix rotation = rotations.get(rotations.size() == 1 ? 0 : first / size);
        kernels.multiplyAdd(rows, before, first, width, rotation, values, first, width);
      }
      factors.multiply(from, to, width, values);
    }
  }
}
