package athanor.merge.lora;

/**
 * A scale of any size divided between the two sides of a low-rank pair that is about to be rounded:
 * a power of two for {@code up}, which changes no digit, and the rest with the sign for {@code
 * down}. The power is chosen so that the largest values of both sides get about the same size,
 * which keeps small values away from where fp16 loses digits (below 2⁻¹⁴).
 *
 * @param up a power of two
 * @param down {@code up · down} is the scale
 */
public record BalancedScale(float up, float down) {
  private static final int MOST = 60;

  /**
   * Splits a scale.
   *
   * @param scale finite and not 0
   * @param upValues what {@code up} will multiply
   * @param downValues what {@code down} will multiply
   */
  public static BalancedScale of(double scale, float[] upValues, float[] downValues) {
    float largestUp = largest(upValues);
    float largestDown = largest(downValues);
    int power = 0;
    if (largestUp > 0 && largestDown > 0) {
      int wanted =
          Math.getExponent(scale) + Math.getExponent(largestDown) - Math.getExponent(largestUp);
      power = Math.clamp(Math.floorDiv(wanted, 2), -MOST, MOST);
    }
    return new BalancedScale(Math.scalb(1f, power), (float) Math.scalb(scale, -power));
  }

  private static float largest(float[] values) {
    float largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }
}
