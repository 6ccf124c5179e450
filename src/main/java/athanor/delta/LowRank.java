package athanor.delta;

/** A matrix as a product of two factors, {@code [outputs, rank] · [rank, inputs]}. */
public interface LowRank {
  /** The inner dimension. */
  int rank();

  /**
   * Reads or computes the factors.
   *
   * @return arrays that belong to the caller
   * @throws athanor.error.AthanorException of kind BAD_FILE if they cannot be read or hold NaN or
   *     infinite values
   */
  LowRankFactors factors(Arithmetic arithmetic);
}
