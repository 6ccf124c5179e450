package athanor.delta;

import athanor.kernel.Kernels;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.util.Optional;

/**
 * ΔW = scale · C₁ ⊗ C₂: row {@code a·k + c} is row {@code a} of C₁, each of whose values is
 * replaced by that value times row {@code c} of C₂, which has {@code k} rows. Kernels of a
 * convolution are a part of the columns of C₂.
 *
 * @param left C₁
 * @param right C₂
 * @param scale alpha / rank
 */
public record KroneckerDelta(Side left, Side right, double scale) implements Delta {

  /** One of the two matrices of the product. */
  public sealed interface Side {
    /** Rows of the matrix. */
    long rows();

    /** Columns of the matrix. */
    long columns();

    /** The most that the rank of the matrix can be. */
    int rank();

    /** Bytes of heap that it takes while it is loaded. */
    long loadedBytes();

    /** The matrix itself, row-major. */
    float[] values(Arithmetic arithmetic);

    /** The matrix as a product of factors of {@link #rank}. */
    LowRankFactors factors(Arithmetic arithmetic);
  }

  /**
   * A matrix that is stored itself.
   *
   * @param source the file that holds it
   * @param values {@code [rows, columns]} when flattened
   */
  public record Whole(StateDict source, TensorInfo values) implements Side {
    @Override
    public long rows() {
      return values.shape().rows();
    }

    @Override
    public long columns() {
      return values.shape().columns();
    }

    @Override
    public int rank() {
      return Math.toIntExact(Math.min(rows(), columns()));
    }

    @Override
    public long loadedBytes() {
      return Float.BYTES * rows() * columns();
    }

    @Override
    public float[] values(Arithmetic arithmetic) {
      return arithmetic.rounded(arithmetic.read(source, values));
    }

    @Override
    public LowRankFactors factors(Arithmetic arithmetic) {
      return besideIdentity(values(arithmetic), rows(), columns());
    }
  }

  /**
   * A matrix that is stored as a product.
   *
   * @param product its factors
   * @param rows rows of the left factor
   * @param columns columns of the right factor
   */
  public record Product(LowRank product, long rows, long columns) implements Side {
    @Override
    public int rank() {
      return Math.toIntExact(Math.min(product.rank(), Math.min(rows, columns)));
    }

    @Override
    public long loadedBytes() {
      return Float.BYTES * (rows * columns + 2L * product.rank() * (rows + columns));
    }

    @Override
    public float[] values(Arithmetic arithmetic) {
      LowRankFactors factors = product.factors(arithmetic);
      Kernels kernels = arithmetic.kernels();
      int height = Math.toIntExact(rows);
      int width = Math.toIntExact(columns);
      float[] values = new float[Math.multiplyExact(height, width)];
      kernels.multiplyAdd(
          height,
          factors.up(),
          0,
          factors.rank(),
          kernels.pack(factors.rank(), width, factors.down(), 0, width),
          values,
          0,
          width);
      return values;
    }

    @Override
    public LowRankFactors factors(Arithmetic arithmetic) {
      return rank() == product.rank()
          ? product.factors(arithmetic)
          : besideIdentity(values(arithmetic), rows, columns);
    }
  }

  /** A matrix as its own product with the identity of its smaller side. */
  private static LowRankFactors besideIdentity(float[] values, long rows, long columns) {
    int rank = Math.toIntExact(Math.min(rows, columns));
    float[] identity = new float[rank * rank];
    for (int i = 0; i < rank; i++) {
      identity[i * rank + i] = 1;
    }
    return columns <= rows
        ? new LowRankFactors(rank, values, identity)
        : new LowRankFactors(rank, identity, values);
  }

  @Override
  public long outputs() {
    return left.rows() * right.rows();
  }

  @Override
  public long inputs() {
    return left.columns() * right.columns();
  }

  @Override
  public long loadedBytes() {
    return left.loadedBytes() + right.loadedBytes();
  }

  /** Rows are computed from the two matrices when they are asked for. */
  @Override
  public LoadedDelta load(Arithmetic arithmetic) {
    float[] outer = left.values(arithmetic);
    float[] inner = right.values(arithmetic);
    int outerColumns = Math.toIntExact(left.columns());
    int innerRows = Math.toIntExact(right.rows());
    int innerColumns = Math.toIntExact(right.columns());
    return (from, to, target) -> {
      int at = 0;
      for (int row = from; row < to; row++) {
        int factors = row / innerRows * outerColumns;
        int values = row % innerRows * innerColumns;
        for (int b = 0; b < outerColumns; b++) {
          float factor = outer[factors + b];
          for (int d = 0; d < innerColumns; d++) {
            target[at + d] = factor * inner[values + d];
          }
          at += innerColumns;
        }
      }
    };
  }

  /**
   * {@code (U₁D₁) ⊗ (U₂D₂) = (U₁ ⊗ U₂)·(D₁ ⊗ D₂)}: exact factors of rank r₁·r₂, where a matrix that
   * is not stored as a product has the identity for one of its factors.
   */
  @Override
  public Optional<LowRank> asLowRank() {
    long rank = (long) left.rank() * right.rank();
    return rank < Math.min(outputs(), inputs())
        ? Optional.of(new Expanded(this))
        : Optional.empty();
  }

  private record Expanded(KroneckerDelta delta) implements LowRank {
    @Override
    public int rank() {
      return delta.left.rank() * delta.right.rank();
    }

    @Override
    public LowRankFactors factors(Arithmetic arithmetic) {
      LowRankFactors one = delta.left.factors(arithmetic);
      LowRankFactors other = delta.right.factors(arithmetic);
      return new LowRankFactors(
          rank(),
          product(one.up(), one.rank(), other.up(), other.rank()),
          product(
              one.down(),
              Math.toIntExact(delta.left.columns()),
              other.down(),
              Math.toIntExact(delta.right.columns())));
    }
  }

  /** The Kronecker product of two row-major matrices with so many columns. */
  private static float[] product(float[] outer, int outerColumns, float[] inner, int innerColumns) {
    float[] result = new float[Math.multiplyExact(outer.length, inner.length)];
    int at = 0;
    for (int a = 0; a < outer.length; a += outerColumns) {
      for (int c = 0; c < inner.length; c += innerColumns) {
        for (int b = 0; b < outerColumns; b++) {
          float factor = outer[a + b];
          for (int d = 0; d < innerColumns; d++) {
            result[at++] = factor * inner[c + d];
          }
        }
      }
    }
    return result;
  }
}
