package athanor.merge.engine;

import athanor.tensor.Rows;

/**
 * One or several changes of a tensor, loaded and ready to be applied to its blocks in any order.
 * Confined to one thread.
 */
sealed interface Step permits ProductStep, AddStep, TransformStep {
  /** The rows that it changes. */
  Rows rows();

  /** Changes the rows that it and the block have in common. */
  void apply(RowBlock block);
}
