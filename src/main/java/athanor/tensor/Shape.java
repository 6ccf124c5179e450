package athanor.tensor;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * The dimensions of a tensor, row-major: {@code [out, in]} for a linear weight, {@code [out, in,
 * kh, kw]} for a convolution, {@code []} for a scalar. Immutable.
 */
public final class Shape {
  private static final Shape SCALAR = new Shape(new long[0]);

  private final long[] dims;

  private Shape(long[] dims) {
    this.dims = dims;
  }

  /**
   * A shape with these dimensions, copied.
   *
   * @throws IllegalArgumentException if a dimension is negative
   * @throws ArithmeticException if the number of elements exceeds a {@code long}
   */
  public static Shape of(long... dims) {
    if (dims.length == 0) {
      return SCALAR;
    }
    long count = 1;
    for (long dim : dims) {
      if (dim < 0) {
        throw new IllegalArgumentException("negative dimension: " + Arrays.toString(dims));
      }
      count = Math.multiplyExact(count, dim);
    }
    return new Shape(dims.clone());
  }

  /** Number of dimensions. */
  public int rank() {
    return dims.length;
  }

  /** The size along one axis. */
  public long dim(int axis) {
    return dims[axis];
  }

  /** A copy of the dimensions. */
  public long[] dims() {
    return dims.clone();
  }

  /** Number of elements; 1 for a scalar. */
  public long elementCount() {
    long count = 1;
    for (long dim : dims) {
      count *= dim;
    }
    return count;
  }

  /** Rows of the 2-D view {@code [dim 0, everything else]}; 1 for a scalar. */
  public long rows() {
    return dims.length == 0 ? 1 : dims[0];
  }

  /** Columns of the 2-D view {@code [dim 0, everything else]}; 1 for a vector or scalar. */
  public long columns() {
    long count = 1;
    for (int axis = 1; axis < dims.length; axis++) {
      count *= dims[axis];
    }
    return count;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape that && Arrays.equals(dims, that.dims);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  /** As people write it: {@code [320, 4, 3, 3]}. */
  @Override
  public String toString() {
    return Arrays.stream(dims).mapToObj(Long::toString).collect(Collectors.joining(", ", "[", "]"));
  }
}
