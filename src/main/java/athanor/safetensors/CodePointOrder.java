package athanor.safetensors;

import java.util.Comparator;

/**
 * The order of texts by code point, which is also the order of their UTF-8 bytes. {@link
 * String#compareTo} differs: it puts characters beyond U+FFFF before U+E000.
 */
enum CodePointOrder implements Comparator<String> {
  INSTANCE;

  @Override
  public int compare(String a, String b) {
    int common = Math.min(a.length(), b.length());
    for (int i = 0; i < common; i++) {
      char x = a.charAt(i);
      char y = b.charAt(i);
      if (x != y) {
        return Integer.compare(rank(x), rank(y));
      }
    }
    return Integer.compare(a.length(), b.length());
  }

  /** Surrogates stand for characters beyond U+FFFF, so they rank after every other unit. */
  private static int rank(char unit) {
    return Character.isSurrogate(unit) ? unit + 0x10000 : unit;
  }
}
