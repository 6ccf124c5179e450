package athanor.delta;

import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import java.util.Optional;

/**
 * A small block laid side by side until the weight is covered: ΔW[o, i] = block[i mod r, o mod m].
 *
 * @param source the file that holds the block
 * @param block {@code [r, m]}: a row for each input of a period, a column for each output
 * @param outputs rows of the matrix, a multiple of m
 * @param inputs columns of the matrix; the last period may be cut short
 */
public record PeriodicDelta(StateDict source, TensorInfo block, long outputs, long inputs)
    implements Delta, LowRank {

  /** Always 1: the block is what is added. */
  @Override
  public double scale() {
    return 1;
  }

  private int period() {
    return Math.toIntExact(block.shape().rows());
  }

  @Override
  public long loadedBytes() {
    return Float.BYTES * block.shape().elementCount();
  }

  /** {@code [outputs of a period, r]}: a row of ΔW is one of these over and over. */
  private float[] rowsOfAPeriod(Arithmetic arithmetic) {
    return Transposed.of(
        arithmetic.rounded(arithmetic.read(source, block)),
        block.shape().rows(),
        block.shape().columns());
  }

  @Override
  public LoadedDelta load(Arithmetic arithmetic) {
    float[] rows = rowsOfAPeriod(arithmetic);
    int period = period();
    int height = rows.length / period;
    int width = Math.toIntExact(inputs);
    return (from, to, target) -> {
      for (int row = from; row < to; row++) {
        int begin = (row - from) * width;
        for (int column = 0; column < width; column += period) {
          System.arraycopy(
              rows,
              row % height * period,
              target,
              begin + column,
              Math.min(period, width - column));
        }
      }
    };
  }

  /** As the block beside an identity that is repeated, where that has a rank below the sides. */
  @Override
  public Optional<LowRank> asLowRank() {
    return period() < Math.min(outputs, inputs) ? Optional.of(this) : Optional.empty();
  }

  /** Products are slower here than copies. */
  @Override
  public Optional<LowRank> stackable() {
    return Optional.empty();
  }

  @Override
  public int rank() {
    return period();
  }

  @Override
  public LowRankFactors factors(Arithmetic arithmetic) {
    float[] rows = rowsOfAPeriod(arithmetic);
    int period = period();
    float[] up = new float[Math.toIntExact(outputs * period)];
    for (int at = 0; at < up.length; at += rows.length) {
      System.arraycopy(rows, 0, up, at, rows.length);
    }
    int width = Math.toIntExact(inputs);
    float[] down = new float[period * width];
    for (int column = 0; column < width; column++) {
      down[column % period * width + column] = 1;
    }
    return new LowRankFactors(period, up, down);
  }
}
