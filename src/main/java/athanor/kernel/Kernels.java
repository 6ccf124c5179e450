package athanor.kernel;

import athanor.error.Problem;
import athanor.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * The inner loops. Two implementations give results that are equal to the last bit, at every vector
 * width and however the work is split among threads. Stateless and thread-safe; fast on native
 * segments, which need not be aligned; values in segments are little-endian.
 *
 * <p>Indices out of range end in {@link IndexOutOfBoundsException}, possibly after part of the
 * target has been written.
 */
public sealed interface Kernels permits VectorKernels, ScalarKernels {

  /**
   * The kernels for this process: on the Vector API if the module {@code jdk.incubator.vector} is
   * present, else in plain Java. The system property {@code athanor.kernels} set to {@code vector}
   * or {@code scalar} decides instead.
   *
   * @throws athanor.error.AthanorException of kind USAGE if the property has another value, or asks
   *     for a Vector API that is not there
   */
  static Kernels create() {
    String wish = System.getProperty("athanor.kernels", "best");
    return switch (wish) {
      case "scalar" -> new ScalarKernels();
      case "vector" -> {
        if (!VectorModule.isAvailable()) {
          throw Problem.usage("the Vector API is not available")
              .at("-Dathanor.kernels=vector")
              .help("use a JDK that has the module jdk.incubator.vector, or leave the property out")
              .toException();
        }
        yield new VectorKernels();
      }
      case "best" -> VectorModule.isAvailable() ? new VectorKernels() : new ScalarKernels();
      default ->
          throw Problem.usage("there are no such kernels")
              .at("-Dathanor.kernels")
              .found(wish)
              .expected("vector or scalar")
              .toException();
    };
  }

  /** Those in plain Java: good for a few values, without loading the Vector API. */
  static Kernels plain() {
    return new ScalarKernels();
  }

  /** Which implementation this is, and its vector width: {@code Vector API, 512 bits}. */
  String description();

  /**
   * Reads stored values. Exact for every type but F64, whose values are rounded to nearest, ties to
   * even. NaN stays NaN.
   *
   * @param dtype an arithmetic type
   * @param source packed values
   * @param offset first byte in {@code source}
   * @param target receives {@code count} values from {@code targetOffset}
   * @throws IllegalArgumentException if the type is not {@linkplain DType#isArithmetic arithmetic}
   */
  void toFloat(
      DType dtype, MemorySegment source, long offset, float[] target, int targetOffset, int count);

  /**
   * Stores values, each rounded once to nearest, ties to even, as PyTorch does. F16 and BF16
   * overflow to infinity; F8_E4M3 and F8_E5M2 saturate at their largest finite value. NaN stays NaN
   * and zeros keep their sign.
   *
   * @param source {@code count} values from {@code sourceOffset}
   * @param dtype an arithmetic type
   * @param target receives the packed values
   * @param offset first byte in {@code target}
   * @return how many of the stored values are infinite, NaN or saturated
   * @throws IllegalArgumentException if the type is not {@linkplain DType#isArithmetic arithmetic}
   */
  long fromFloat(
      float[] source, int sourceOffset, DType dtype, MemorySegment target, long offset, int count);

  /**
   * Rounds each value to the nearest one of a precision, ties to even, in place; too large ones
   * become infinite.
   *
   * @param precision F32 (nothing to do), F16 or BF16
   * @throws IllegalArgumentException if it is another type
   */
  void round(DType precision, float[] values, int offset, int count);

  /**
   * Packs the right-hand factor of a product, once for all its uses.
   *
   * @param rows inner dimension of the product
   * @param columns columns of the product
   * @param values row-major {@code [rows, columns]} from {@code offset}; copied
   * @param stride distance between rows in {@code values}
   * @throws ArithmeticException if it needs more than 2³¹ − 1 elements
   */
  PackedMatrix pack(int rows, int columns, float[] values, int offset, int stride);

  /**
   * Adds a product: {@code C[m, n] += A[m, k] · B[k, n]}. For each element of C, the products are
   * summed from 0 by fused multiply-add in float32, k ascending, and the sum is added to C once. An
   * element thus depends on its row of A and its column of B alone, not on how rows are split into
   * calls.
   *
   * @param m rows of A and C
   * @param a row-major, rows {@code aStride} apart
   * @param b made by {@link #pack} of kernels of this kind
   * @param c row-major, rows {@code cStride} apart; must not be {@code a}
   * @throws IllegalArgumentException if {@code b} was packed by kernels of the other kind
   */
  void multiplyAdd(
      int m,
      float[] a,
      int aOffset,
      int aStride,
      PackedMatrix b,
      float[] c,
      int cOffset,
      int cStride);

  /**
   * The sum of the squares of some values, in float64. Sixteen partial sums take the elements in
   * turn and are added pairwise at the end. To be independent of threads, a caller who splits the
   * values adds the parts in their own order.
   */
  double sumOfSquares(float[] values, int offset, int count);

  /** Σ xᵢ·yᵢ in float64, in the order of {@link #sumOfSquares}, with fused multiply-add. */
  double dot(double[] x, int xOffset, double[] y, int yOffset, int count);

  /**
   * Reflects columns by a Householder matrix: {@code c ← c − β·v·(vᵀ·c)} for each.
   *
   * @param v the vector, {@code count} elements from {@code vOffset}
   * @param beta 2 / (vᵀ·v)
   * @param columns column-major: column {@code j} begins at {@code offset + j·stride}
   * @param columnCount how many columns
   */
  void reflect(
      double[] v,
      int vOffset,
      int count,
      double beta,
      double[] columns,
      int offset,
      int stride,
      int columnCount);

  /**
   * Rotates two columns of one array: {@code x ← cosine·x − sine·y}, {@code y ← sine·x + cosine·y}.
   */
  void rotate(double[] columns, int xOffset, int yOffset, int count, double cosine, double sine);
}
