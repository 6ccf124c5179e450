package athanor.adapter.format;

/**
 * The end of a key behind a module's name.
 *
 * @param text the end, with its dot or underscore; one {@code *} stands for a name without dots, or
 *     at the end, behind an underscore, for the rest of a component
 * @param part the part that such a tensor plays
 * @param kept how many characters of the text belong to the module's name
 * @param alone whether the end alone tells the format. Otherwise it means something only beside
 *     other tensors of the format, as {@code .weight} does
 */
public record Suffix(String text, Part part, int kept, boolean alone) {

  /** An end that tells the format. */
  public static Suffix of(String text, Part part) {
    return new Suffix(text, part, 0, true);
  }

  /** An end that means something only beside other tensors of the format. */
  public static Suffix beside(String text, Part part) {
    return new Suffix(text, part, 0, false);
  }

  /** An end of which the beginning is part of the module's name. */
  public static Suffix keeping(String kept, String rest, Part part) {
    return new Suffix(kept + rest, part, kept.length(), true);
  }
}
