package athanor.delta;

import athanor.kernel.Kernels;
import athanor.tensor.Shape;

/**
 * A rule that makes one weight of the same weight of several models. It sees the weight that is
 * there and, for each part, values beside the reference from which they are a change; see {@link
 * CombinedRows}. Immutable and thread-safe.
 */
public interface Combination {
  /**
   * How often it has to see all rows, as the files have them, before it can replace any; every pass
   * costs another reading of them.
   */
  default int firstPasses() {
    return 0;
  }

  /**
   * How many neighbouring rows, counted from row 0, it needs at once: 1 where each becomes what it
   * becomes alone, the number of rows where all depend on each other.
   */
  default int rowsTogether(Shape shape) {
    return 1;
  }

  /**
   * Bytes of heap that it needs for a weight beside the rows that it is shown.
   *
   * @param parts number of parts
   */
  default long loadedBytes(Shape shape, int parts) {
    return 0;
  }

  /**
   * Begins the work on one weight.
   *
   * @param shape of the weight as it is combined
   * @param ratios how strongly each part is applied, in the order of the parts
   */
  LoadedCombination load(Shape shape, double[] ratios, Kernels kernels);
}
