package athanor.delta;

import athanor.tensor.Shape;

/**
 * A function of a weight, such as a rotation or a new length of its rows. Its values stay in the
 * file until they are loaded. Immutable and thread-safe.
 *
 * <p>It sees the weight as modules are trained, {@code [outputs, inputs]} with convolutions
 * flattened, however the checkpoint stores it, and in pieces of whole rows.
 */
public interface RowTransform {
  /** What it has to see of the weight before it can transform a row. */
  enum FirstPass {
    /** Nothing. */
    NONE,
    /** All rows, as earlier changes leave them. */
    OF_WHAT_IS_THERE,
    /** All rows, as the input file has them. */
    OF_THE_ORIGINAL
  }

  /** What it has to see first; every pass costs another reading of these rows. */
  default FirstPass firstPass() {
    return FirstPass.NONE;
  }

  /**
   * How many neighbouring rows, counted from row 0, it needs at once: 1 where each becomes what it
   * becomes alone, the number of outputs where all depend on each other. The last group may be
   * smaller.
   */
  default int rowsTogether() {
    return 1;
  }

  /** Bytes of heap that the loaded values take. */
  long loadedBytes();

  /**
   * Reads the values.
   *
   * @param shape of the weight that it will see, {@code [out, in]} or {@code [out, in, kh, kw]}
   * @throws athanor.error.AthanorException of kind BAD_FILE if they cannot be read or hold NaN or
   *     infinite values
   */
  LoadedTransform load(Shape shape, Arithmetic arithmetic);
}
