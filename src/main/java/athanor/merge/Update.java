package athanor.merge;

import athanor.kernel.Kernels;
import athanor.tensor.Rows;

/**
 * The loaded values of what is added to a stretch of rows of one tensor, ready to be applied to
 * blocks of rows in any order.
 */
sealed interface Update permits StackedUpdate, DenseUpdate, SteppedUpdate {
  /** The rows that it changes. */
  Rows rows();

  /**
   * Applies rows {@code [from, to)} of the update, counted in the order of {@link #rows}, all in
   * one run.
   *
   * @param values the block, {@code [.., columns]} row-major
   * @param offset where in {@code values} the row {@code from} begins
   * @param columns columns of the tensor
   */
  void apply(
      Kernels kernels,
      int from,
      int to,
      float[] values,
      int offset,
      int columns,
      BlockBuffers buffers);
}
