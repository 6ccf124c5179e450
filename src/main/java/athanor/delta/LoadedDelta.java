package athanor.delta;

/** The values of a {@link Delta} in memory. Confined to one thread. */
@FunctionalInterface
public interface LoadedDelta {
  /**
   * Computes some rows, without the scale. A row's values do not depend on which others are asked
   * for.
   *
   * @param from the first row
   * @param to the row after the last
   * @param target receives {@code [to − from, inputs]}, row-major, from its beginning on; what was
   *     there is overwritten
   */
  void rows(int from, int to, float[] target);
}
