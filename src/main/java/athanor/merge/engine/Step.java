package athanor.merge.engine;

import athanor.tensor.Rows;

/**
 * One or several changes of a tensor, loaded and ready to be applied to its blocks in any order.
 * Confined to one thread.
 */
sealed interface Step permits ProductStep, AddStep, TransformStep, CombineStep {
  /** The rows that it changes. */
  Rows rows();

  /** Changes the rows that it and the block have in common. */
  void apply(RowBlock block);

  /** How often it has to see all its rows before it can change any. */
  default int firstPasses() {
    return 0;
  }

  /** Whether it sees them as the model is without its LoRAs, not as earlier steps leave them. */
  default boolean looksAtTheOriginal() {
    return false;
  }

  /** Sees a block in a first pass, counted from 0. */
  default void look(int pass, RowBlock block) {}
}
