package athanor.merge;

import athanor.adapter.Delta;

/**
 * A delta with the user's factor.
 *
 * @param delta what is added
 * @param ratio how strongly, as {@link DeltaWeights} says
 */
public record WeightedDelta(Delta delta, double ratio) {

  /** ratio · scale: the factor before up · down or the stored difference. */
  public double factor() {
    return ratio * delta.scale();
  }
}
