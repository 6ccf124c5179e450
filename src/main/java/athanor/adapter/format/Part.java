package athanor.adapter.format;

/**
 * The part that one tensor plays in its module.
 *
 * @param format the format that has such a part, in a word
 * @param name the part, in a word
 */
public record Part(String format, String name) {
  /** Numerator of the scale alpha / rank; one value of any type. For modules of every format. */
  public static final Part ALPHA = new Part("module", "alpha");

  /** The scale itself, instead of alpha / rank; one value. For modules of every format. */
  public static final Part SCALE = new Part("module", "scale");

  /** What early LyCORIS kept beside the factors and later multiplies into them; one value. */
  public static final Part SCALAR = new Part("module", "scalar");

  /** Whether it is a number about the whole module, without meaning on its own. */
  public boolean isScalar() {
    return equals(ALPHA) || equals(SCALE) || equals(SCALAR);
  }

  /** {@code LoRA up}. */
  @Override
  public String toString() {
    return format + " " + name;
  }
}
