package athanor.merge.lora.extract;

import java.util.Arrays;

/**
 * The clamp of kohya's extraction and SVD merge: both factors are cut off at ± the quantile of
 * their signed values. Because the values are signed, large negative ones are cut off even at
 * quantile 1; leave it out where fidelity matters.
 */
final class QuantileClamp {
  private QuantileClamp() {}

  /** Cuts both off in place at the quantile of all their values together. */
  static void apply(float[] up, float[] down, double quantile) {
    float[] all = Arrays.copyOf(up, up.length + down.length);
    System.arraycopy(down, 0, all, up.length, down.length);
    float limit = (float) quantile(all, quantile);
    clamp(up, limit);
    clamp(down, limit);
  }

  /**
   * The quantile with linear interpolation between neighbours, as {@code torch.quantile}.
   *
   * @param values at least one; sorted by this call
   * @param quantile from 0 to 1
   */
  static double quantile(float[] values, double quantile) {
    Arrays.sort(values);
    double position = quantile * (values.length - 1);
    int below = (int) Math.floor(position);
    int above = Math.min(below + 1, values.length - 1);
    double share = position - below;
    return values[below] + share * ((double) values[above] - values[below]);
  }

  /** As {@code torch.clamp(-limit, limit)}: where the bounds cross, the upper one holds. */
  private static void clamp(float[] values, float limit) {
    for (int i = 0; i < values.length; i++) {
      values[i] = Math.min(Math.max(values[i], -limit), limit);
    }
  }
}
