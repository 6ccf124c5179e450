package athanor.merge.method.mix;

import athanor.delta.CombinedRows;

/** Takes small or random parts out of changes. Confined to one thread. */
interface Sparsifier {
  /** Sees rows of a first pass. */
  default void look(int pass, CombinedRows rows) {}

  /**
   * Puts 0 where nothing of a change is kept, and scales what is, as the method has it.
   *
   * @param part which change
   * @param rows where it is from
   * @param changes its values in these rows, to be changed
   */
  void sparsify(int part, CombinedRows rows, float[] changes);
}
