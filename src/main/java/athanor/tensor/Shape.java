package athanor.tensor;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * The dimensions of a tensor, row-major: {@code [out, in]} for a linear weight, {@code [out, in,
 * kh, kw]} for a convolution, {@code []} for a scalar. Immutable.
 *
 * <p>The values of a tensor vouch for its dimensions: a file that claims many elements holds many
 * bytes. Where one dimension is 0 nothing vouches for the others, and a file of a hundred bytes
 * could make anything that walks rows or columns walk for years. So together they are at most
 * {@link #LARGEST_CLAIM_WITHOUT_VALUES}, by whatever door a shape comes in.
 */
public final class Shape {
  /** The largest product of the other dimensions where one dimension is 0. */
  public static final long LARGEST_CLAIM_WITHOUT_VALUES = Integer.MAX_VALUE;

  private static final Shape SCALAR = new Shape(new long[0]);

  private final long[] dims;

  private Shape(long[] dims) {
    this.dims = dims;
  }

  /**
   * A shape with these dimensions, copied.
   *
   * @throws IllegalArgumentException if a dimension is negative
   * @throws ArithmeticException if the number of elements exceeds a {@code long}, or if there are
   *     none and the other dimensions exceed {@link #LARGEST_CLAIM_WITHOUT_VALUES}
   */
  public static Shape of(long... dims) {
    if (dims.length == 0) {
      return SCALAR;
    }
    long claim = 1;
    boolean empty = false;
    for (long dim : dims) {
      if (dim < 0) {
        throw new IllegalArgumentException("negative dimension: " + Arrays.toString(dims));
      }
      empty |= dim == 0;
      claim = Math.multiplyExact(claim, Math.max(1, dim));
    }
    if (empty && claim > LARGEST_CLAIM_WITHOUT_VALUES) {
      throw new ArithmeticException("no values for so large a shape: " + Arrays.toString(dims));
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
