package athanor.delta;

import athanor.kernel.Kernels;
import athanor.kernel.PackedMatrix;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.util.Arrays;
import java.util.Optional;

/**
 * Rotates the outputs of a weight in blocks, and multiplies each by a factor if there are some.
 *
 * <p>In one stage (diag-OFT), block n turns the b rows from n·b on: W′ = Rᵀ·W. In the stages of a
 * butterfly (BOFT), stage i takes rows in pairs that lie k = 2ⁱ·b/2 apart: of every 2k rows, block
 * n has b/2 neighbours from the first half and those from the second, the two of a pair after one
 * another, and W′ = R·W.
 *
 * @param blocks the rotations, stage after stage
 * @param stages how many stages of a butterfly; 0 for blocks of neighbours
 * @param rescale a factor for each output
 */
public record OutputRotation(SkewBlocks blocks, int stages, Optional<TensorInfo> rescale)
    implements RowTransform {

  /** The rows that the last stage brings together; those of earlier stages are parts of them. */
  @Override
  public int rowsTogether() {
    return stages == 0 ? blocks.size() : Math.multiplyExact(blocks.size(), 1 << (stages - 1));
  }

  @Override
  public long loadedBytes() {
    return blocks.loadedBytes() + RowFactors.loadedBytes(rescale);
  }

  @Override
  public LoadedTransform load(Shape shape, Arithmetic arithmetic) {
    float[] rotations = blocks.load(arithmetic);
    return new Loaded(
        arithmetic.kernels(),
        rearranged(rotations),
        blocks.size(),
        stages,
        Math.toIntExact(shape.rows()) / blocks.size(),
        Math.toIntExact(shape.columns()),
        RowFactors.load(blocks.source(), rescale, arithmetic));
  }

  /** What rows are multiplied by: the transpose, or the first of all pairs before the second. */
  private float[] rearranged(float[] rotations) {
    int size = blocks.size();
    int half = size / 2;
    float[] result = new float[rotations.length];
    for (int at = 0; at < result.length; at += size * size) {
      for (int row = 0; row < size; row++) {
        for (int column = 0; column < size; column++) {
          int from =
              stages == 0
                  ? column * size + row
                  : (row % half * 2 + row / half) * size + column % half * 2 + column / half;
          result[at + row * size + column] = rotations[at + from];
        }
      }
    }
    return result;
  }

  private record Loaded(
      Kernels kernels,
      float[] rotations,
      int size,
      int stages,
      int blocksOfStage,
      int width,
      RowFactors factors)
      implements LoadedTransform {

    @Override
    public void apply(int from, int to, float[] values) {
      if (stages == 0) {
        for (int row = from; row < to; row += size) {
          rotate(values, row / size, size, row - from);
        }
      }
      for (int stage = 0; stage < stages; stage++) {
        int distance = size / 2 << stage;
        for (int row = from; row < to; row += size) {
          int inPair = row % (2 * distance) / 2;
          int first = row - row % (2 * distance) + inPair - from;
          rotate(values, stage * blocksOfStage + row / size, size / 2, first, first + distance);
        }
      }
      factors.multiply(from, to, width, values);
    }

    /** Rotates the rows of some runs of so many. */
    private void rotate(float[] values, int block, int height, int... runs) {
      PackedMatrix[] before = new PackedMatrix[runs.length];
      for (int i = 0; i < runs.length; i++) {
        before[i] = kernels.pack(height, width, values, runs[i] * width, width);
      }
      for (int i = 0; i < runs.length; i++) {
        Arrays.fill(values, runs[i] * width, (runs[i] + height) * width, 0f);
        for (int k = 0; k < runs.length; k++) {
          int matrix = (block * size + i * height) * size + k * height;
          kernels.multiplyAdd(
              height, rotations, matrix, size, before[k], values, runs[i] * width, width);
        }
      }
    }
  }
}
