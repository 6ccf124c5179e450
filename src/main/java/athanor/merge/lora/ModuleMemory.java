package athanor.merge.lora;

/**
 * Heap that the computation of one module takes at its peak, in bytes, for a weight of {@code rows}
 * times {@code columns}. What is let go only by the garbage collection is counted too; the terms
 * name the arrays of the computations.
 */
public final class ModuleMemory {
  private ModuleMemory() {}

  /** Pairs loaded and put side by side, at this rank together. */
  public static long stacked(long rows, long columns, long rank) {
    long factors = Float.BYTES * rank * (rows + columns);
    return 2 * factors;
  }

  /** The decomposition of a product of factors, and its leading part. */
  public static long lowRankSvd(long rows, long columns, long rank, long kept) {
    long factors = stacked(rows, columns, rank);
    long reflections = Double.BYTES * rank * (rows + columns);
    long results = (Double.BYTES + Float.BYTES) * kept * (rows + columns);
    long core = Math.min(rank, Math.max(rows, columns));
    return factors + reflections + results + 10 * Double.BYTES * core * rank;
  }

  /** The decomposition of a full matrix up to a rank. */
  public static long denseSvd(long rows, long columns, long kept) {
    long smaller = Math.min(rows, columns);
    long width = kept + Math.max(10, kept / 4);
    long matrix = Float.BYTES * rows * columns;
    if (width >= smaller) {
      return matrix + 3 * Double.BYTES * rows * columns + 8 * Double.BYTES * smaller * smaller;
    }
    long bases = (2L * Double.BYTES + 3L * Float.BYTES) * width * (rows + columns);
    return 2 * matrix + bases + lowRankSvd(rows, columns, width, kept);
  }
}
