package athanor.adapter.format;

import athanor.tensor.Shape;

/**
 * The size of a weight as a module implies it.
 *
 * @param in inputs, channels of a convolution; 0 when unknown
 * @param out outputs; 0 when unknown
 */
public record ModuleSize(long in, long out) {
  /** Nothing is known. */
  public static final ModuleSize UNKNOWN = new ModuleSize(0, 0);

  /** The inputs of a factor or difference of this shape: its second dimension. */
  public static long inputs(Shape shape) {
    return shape.rank() < 2 ? 0 : shape.dim(1);
  }

  /** This, with what it leaves open taken from another. */
  public ModuleSize or(ModuleSize other) {
    return new ModuleSize(in == 0 ? other.in : in, out == 0 ? other.out : out);
  }
}
