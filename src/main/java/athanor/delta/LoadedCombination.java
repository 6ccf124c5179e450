package athanor.delta;

/** A {@link Combination} at work on one weight. Confined to one thread. */
@FunctionalInterface
public interface LoadedCombination {
  /**
   * Sees some rows in a first pass: every row once, in the order of the tensor.
   *
   * @param pass counted from 0; all rows were seen in the passes before
   * @param rows not to be changed or kept
   */
  default void look(int pass, CombinedRows rows) {}

  /**
   * Replaces {@link CombinedRows#base} by the result. What becomes of a row depends, besides what
   * the first passes saw, on the rows it needs at once alone, not on how rows are divided into
   * calls.
   */
  void apply(CombinedRows rows);
}
