package athanor.merge.engine;

import athanor.tensor.Rows;

/**
 * Some neighbouring rows of a tensor while they are changed.
 *
 * @param first the first row
 * @param height number of rows
 * @param columns columns of the tensor
 * @param values {@code [height, columns]}, row-major, from the beginning on
 */
@SuppressWarnings("ArrayRecordComponent") // the worker's buffer
record RowBlock(long first, int height, int columns, float[] values) {

  /** What is done with a stretch of rows that a change and the block have in common. */
  @FunctionalInterface
  interface Visitor {
    /**
     * Visits a stretch.
     *
     * @param from its first row, counted in the change's rows
     * @param to the row after its last, counted so
     * @param offset where in the block's values it begins
     */
    void visit(int from, int to, int offset);
  }

  /** Visits what these rows have in common with the block, in the order of the rows. */
  void forEach(Rows rows, Visitor visitor) {
    Rows.Run own = new Rows.Run(first, height);
    long before = 0;
    for (Rows.Run run : rows.runs()) {
      Rows.Run common = run.intersect(own);
      if (common.count() > 0) {
        int from = (int) (before + common.first() - run.first());
        int offset = (int) (common.first() - first) * columns;
        visitor.visit(from, from + (int) common.count(), offset);
      }
      before += run.count();
    }
  }
}
