package athanor.delta;

import java.util.List;

/**
 * Some rows of a weight in all models that are combined, as float32, row-major. Arrays hold at
 * least {@link #count} values, from their beginning on.
 *
 * @param from the first row
 * @param to the row after the last
 * @param columns values of a row
 * @param base the weight that is there, {@code [to − from, columns]}
 * @param values of each part
 * @param references what the values of each part are a change from: the array {@code base} itself,
 *     the weight of another model, or zeros where the values are a change already
 */
@SuppressWarnings("ArrayRecordComponent") // the worker's buffers
public record CombinedRows(
    int from, int to, int columns, float[] base, List<float[]> values, List<float[]> references) {

  /** Number of values. */
  public int count() {
    return (to - from) * columns;
  }

  /** Number of parts. */
  public int parts() {
    return values.size();
  }

  /** What a part changes, at one place, in float64: value − reference, which is exact there. */
  public double change(int part, int at) {
    return (double) values.get(part)[at] - references.get(part)[at];
  }
}
