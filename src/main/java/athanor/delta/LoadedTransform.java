package athanor.delta;

/** A {@link RowTransform} in memory, for one weight. Confined to one thread. */
public interface LoadedTransform {
  /**
   * Sees some rows in the first pass, if the transform asks for one: every row once, in whole
   * groups, in the order of the tensor, and all of them before the first {@link #apply}.
   *
   * @param from the first row
   * @param to the row after the last
   * @param values {@code [to − from, inputs]}, row-major; not to be changed or kept
   */
  default void look(int from, int to, float[] values) {}

  /**
   * Replaces rows by f of them. What becomes of a row depends on its group alone, besides what the
   * first pass saw, not on how groups are divided into calls.
   *
   * @param from the first row, the beginning of a group
   * @param to the row after the last, the end of a group
   * @param values {@code [to − from, inputs]}, row-major, from its beginning on
   */
  void apply(int from, int to, float[] values);
}
