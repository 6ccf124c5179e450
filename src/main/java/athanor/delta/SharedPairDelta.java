package athanor.delta;

import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.util.Optional;

/**
 * A product of the beginnings of two matrices that many weights share, with a factor for each
 * output and each inner dimension: ΔW = (outer ⊙ left) · (inner ⊙ right).
 *
 * @param source the file that holds them
 * @param left {@code [at least outputs, at least rank]}
 * @param right {@code [at least rank, at least inputs]}
 * @param outer {@code [outputs]}
 * @param inner {@code [rank]}
 * @param inputs columns of the weight
 */
public record SharedPairDelta(
    StateDict source,
    TensorInfo left,
    TensorInfo right,
    TensorInfo outer,
    TensorInfo inner,
    long inputs)
    implements Delta, LowRank {

  @Override
  public long outputs() {
    return outer.shape().elementCount();
  }

  /** Always 1: the factors are all that scales it. */
  @Override
  public double scale() {
    return 1;
  }

  @Override
  public int rank() {
    return Math.toIntExact(inner.shape().elementCount());
  }

  /** The shared matrices are read whole. */
  @Override
  public long loadedBytes() {
    return Float.BYTES
        * (rank() * (outputs() + inputs)
            + left.shape().elementCount()
            + right.shape().elementCount());
  }

  @Override
  public Optional<LowRank> stackable() {
    return Optional.of(this);
  }

  @Override
  public LowRankFactors factors(Arithmetic arithmetic) {
    float[] outerFactors = arithmetic.read(source, outer);
    float[] innerFactors = arithmetic.read(source, inner);
    return new LowRankFactors(
        rank(),
        arithmetic.rounded(beginning(arithmetic, left, outerFactors, rank())),
        arithmetic.rounded(beginning(arithmetic, right, innerFactors, Math.toIntExact(inputs))));
  }

  /** The first rows and columns of a matrix, each row times its factor. */
  private float[] beginning(
      Arithmetic arithmetic, TensorInfo matrix, float[] factors, int columns) {
    float[] values = arithmetic.read(source, matrix);
    int stride = Math.toIntExact(matrix.shape().columns());
    float[] result = new float[factors.length * columns];
    for (int row = 0; row < factors.length; row++) {
      for (int column = 0; column < columns; column++) {
        result[row * columns + column] = factors[row] * values[row * stride + column];
      }
    }
    return result;
  }

  @Override
  public LoadedDelta load(Arithmetic arithmetic) {
    return LowRankDelta.loaded(factors(arithmetic), Math.toIntExact(inputs), arithmetic);
  }
}
