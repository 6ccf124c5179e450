package athanor.merge.plan;

import java.util.Locale;

/** Numbers as people write them. */
public final class Numbers {
  private Numbers() {}

  /** Without needless zeros: {@code 0.6}, {@code 1}. */
  public static String text(double number) {
    return number == Math.rint(number) && Math.abs(number) < 1e15
        ? String.format(Locale.ROOT, "%.0f", number)
        : Double.toString(number);
  }
}
