package athanor.adapter.format;

/**
 * The end of a key behind a module's name.
 *
 * @param text the end, with its dot or underscore; one {@code *} stands for a name without dots, or
 *     at the end, behind an underscore, for the rest of a component
 * @param part the part that such a tensor plays
 * @param kept how many characters of the text belong to the module's name
 * @param tells what has to be known beside the end
 */
public record Suffix(String text, Part part, int kept, Tells tells) {

  /** When an end tells the format. */
  public enum Tells {
    /** Always. */
    ALONE,
    /** Beside other tensors of the format, as {@code .weight} does. */
    BESIDE_OTHERS,
    /** In a file that is an adapter anyway, where the format says so of the key. */
    IN_AN_ADAPTER
  }

  /** Whether the end alone tells the format. */
  public boolean alone() {
    return tells == Tells.ALONE;
  }

  /** An end that tells the format. */
  public static Suffix of(String text, Part part) {
    return new Suffix(text, part, 0, Tells.ALONE);
  }

  /** An end that means something only beside other tensors of the format. */
  public static Suffix beside(String text, Part part) {
    return new Suffix(text, part, 0, Tells.BESIDE_OTHERS);
  }

  /** An end that means something only in a file that is an adapter by other keys. */
  public static Suffix inAdapter(String text, Part part) {
    return new Suffix(text, part, 0, Tells.IN_AN_ADAPTER);
  }

  /** An end of which the beginning is part of the module's name. */
  public static Suffix keeping(String kept, String rest, Part part) {
    return new Suffix(kept + rest, part, kept.length(), Tells.ALONE);
  }
}
