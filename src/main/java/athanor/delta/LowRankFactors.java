package athanor.delta;

/**
 * The values of a product of two factors: up · down, without any scale.
 *
 * @param rank the inner dimension
 * @param up {@code [rows, rank]}, row-major
 * @param down {@code [rank, columns]}, row-major
 */
@SuppressWarnings("ArrayRecordComponent") // large, handed over without copying
public record LowRankFactors(int rank, float[] up, float[] down) {

  /** The factors of the transposed product: downᵀ · upᵀ. */
  public LowRankFactors transposed() {
    return new LowRankFactors(
        rank,
        Transposed.of(down, rank, down.length / rank),
        Transposed.of(up, up.length / rank, rank));
  }
}
