package athanor.adapter;

/** The part that one tensor plays in its module. */
public enum Role {
  /** Left factor, {@code [out, rank]} or {@code [out, rank, 1, 1]}. */
  UP,
  /** Right factor, {@code [rank, in]} or {@code [rank, in, kh, kw]}. */
  DOWN,
  /** Tucker core of a convolution, {@code [rank, rank, kh, kw]}. */
  MID,
  /** Numerator of the scale alpha / rank; one value of any type. */
  ALPHA,
  /** The scale itself, instead of alpha / rank; one value. */
  SCALE,
  /** Difference of the bias that belongs to a low-rank pair. */
  BIAS,
  /** Difference of a weight, shaped like it. */
  DIFF,
  /** Difference of a bias. */
  DIFF_BIAS,
  /** A tensor of a format that is recognised only as a whole. */
  OTHER
}
