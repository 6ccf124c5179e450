package athanor.merge;

import athanor.kernel.Kernels;

/**
 * The loaded values of what is added to a stretch of rows of one tensor, ready to be applied to
 * blocks of rows in any order.
 */
sealed interface Update permits StackedUpdate, DenseUpdate, SteppedUpdate {
  /** The first row of the tensor that it changes. */
  long firstRow();

  /** Rows that it changes. */
  long rows();

  /**
   * Applies rows {@code [from, to)} of the update, counted from its own first row.
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
