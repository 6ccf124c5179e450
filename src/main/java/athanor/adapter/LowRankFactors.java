package athanor.adapter;

/**
 * The values of a low-rank delta: ΔW = up · down, without any scale.
 *
 * @param rank the inner dimension
 * @param up {@code [rows, rank]}, row-major
 * @param down {@code [rank, columns]}, row-major
 */
@SuppressWarnings("ArrayRecordComponent") // large, handed over without copying
public record LowRankFactors(int rank, float[] up, float[] down) {}
