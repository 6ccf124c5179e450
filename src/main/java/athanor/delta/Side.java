package athanor.delta;

import athanor.tensor.Shape;

/** A side of a weight as modules are trained, along which there is one value each. */
public enum Side {
  /** Its outputs: the rows. */
  OUTPUTS("output"),
  /** Its inputs: the columns, the channels of a convolution; a channel has the whole kernel. */
  INPUTS("input");

  private final String word;

  Side(String word) {
    this.word = word;
  }

  /**
   * How many there are in a weight {@code [out]}, {@code [out, in]} or {@code [out, in, kh, kw]}.
   */
  public long length(Shape shape) {
    return this == OUTPUTS ? shape.rows() : shape.rank() < 2 ? 1 : shape.dim(1);
  }

  /** {@code output} or {@code input}. */
  public String word() {
    return word;
  }
}
