package athanor.delta;

import java.util.Optional;

/**
 * A matrix {@code [outputs, inputs]} that can be added to a weight: ΔW = scale · values, where the
 * inputs of a convolution are its channels times its kernel, flattened. Its values stay in the file
 * until they are loaded. Immutable and thread-safe.
 */
public interface Delta {
  /** Rows of the matrix. */
  long outputs();

  /** Columns of the matrix. */
  long inputs();

  /** The file's own factor, such as alpha / rank; finite. */
  double scale();

  /** Bytes of heap that the loaded values take. */
  long loadedBytes();

  /**
   * Reads the values.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if they cannot be read or hold NaN or
   *     infinite values
   */
  LoadedDelta load(Arithmetic arithmetic);

  /**
   * The factors of this matrix, where one product of the stacked factors of several deltas is the
   * fastest way to add them; empty where {@link #load} is.
   */
  default Optional<LowRank> stackable() {
    return Optional.empty();
  }

  /**
   * This matrix without its scale as an exact product of factors, for files that store such; empty
   * if it has none of a rank below its sides. Not always the fastest way to compute it.
   */
  default Optional<LowRank> asLowRank() {
    return stackable();
  }

  /**
   * Adds factor · values, the scale left out, to a matrix: one fused multiply-add an element.
   *
   * @param total row-major, at least {@link #outputs} rows
   * @param stride elements of a row of {@code total}, at least {@link #inputs}
   * @throws athanor.error.AthanorException as {@link #load}
   */
  default void addTo(float[] total, int stride, float factor, Arithmetic arithmetic) {
    LoadedDelta loaded = load(arithmetic);
    int width = Math.toIntExact(inputs());
    float[] row = new float[width];
    for (int i = 0; i < outputs(); i++) {
      loaded.rows(i, i + 1, row);
      for (int column = 0; column < width; column++) {
        int at = i * stride + column;
        total[at] = Math.fma(factor, row[column], total[at]);
      }
    }
  }
}
