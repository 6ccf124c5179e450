package athanor.merge.lora.spelling;

import athanor.merge.lora.BalancedScale;
import java.util.Optional;

/**
 * A scale that is a power of two as a product of two powers of two, one for each factor, as in the
 * conversions of diffusers: both factors get about the same share, whatever values they hold. So
 * stored factors take it up without losing a digit; for other scales see {@link BalancedScale}.
 *
 * @param up multiplies the left factor, and carries the sign
 * @param down multiplies the right factor
 */
record FoldedScale(float up, float down) {

  /** The split; empty if the scale is not ± a power of two or 0. */
  static Optional<FoldedScale> of(double scale) {
    if (scale == 0) {
      return Optional.of(new FoldedScale(0, 1));
    }
    double size = Math.abs(scale);
    int exponent = Math.getExponent(size);
    if (size != Math.scalb(1.0, exponent) || Math.abs(exponent) > 100) {
      return Optional.empty();
    }
    double down = size;
    double up = 1;
    while (down * 2 < up) {
      down *= 2;
      up /= 2;
    }
    return Optional.of(new FoldedScale((float) (up * Math.signum(scale)), (float) down));
  }
}
