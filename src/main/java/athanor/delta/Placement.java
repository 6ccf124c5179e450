package athanor.delta;

import athanor.tensor.Rows;
import athanor.tensor.Shape;

/**
 * How a module's matrix lies in a checkpoint.
 *
 * @param rows the rows of the tensor that it covers, in the module's order
 * @param shape of what it covers, as modules are trained: {@code [out, in]} or {@code [out, in, kh,
 *     kw]}, {@code [out]} for biases and norms. It may have fewer inputs than the tensor: then they
 *     are the first, as for the 4-channel convolution of a model made for inpainting
 * @param transposed whether the tensor's rows are the module's inputs: the text projection of
 *     OpenCLIP
 */
public record Placement(Rows rows, Shape shape, boolean transposed) {

  /**
   * Compares the rows with the shape.
   *
   * @throws IllegalArgumentException if their numbers differ
   */
  public Placement {
    long covered = transposed ? shape.columns() : shape.rows();
    if (covered != rows.count()) {
      throw new IllegalArgumentException(rows + " for " + shape);
    }
  }

  /** All rows of a tensor, not transposed. */
  public static Placement whole(String key, Shape shape) {
    return new Placement(Rows.whole(key, shape.rows()), shape, false);
  }

  /**
   * This placement for some of its outputs, elsewhere.
   *
   * @throws IllegalArgumentException if it is transposed
   */
  Placement partAt(Rows elsewhere) {
    if (transposed) {
      throw new IllegalArgumentException(elsewhere + " of a transposed weight");
    }
    long[] dims = shape.dims();
    dims[0] = elsewhere.count();
    return new Placement(elsewhere, Shape.of(dims), false);
  }

  /** Rows of the module's matrix. */
  public int outputs() {
    return Math.toIntExact(shape.rows());
  }

  /** Columns of the module's matrix: inputs, times the kernel's size for a convolution. */
  public int inputs() {
    return Math.toIntExact(shape.columns());
  }

  /** Columns of the tensor that it covers, from column 0 on. */
  public int columns() {
    return transposed ? outputs() : inputs();
  }
}
