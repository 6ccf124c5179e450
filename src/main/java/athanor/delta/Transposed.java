package athanor.delta;

/** Turns matrices over. */
public final class Transposed {
  private Transposed() {}

  /** The transpose {@code [columns, rows]} of {@code values [rows, columns]}, row-major. */
  public static float[] of(float[] values, long rows, long columns) {
    int height = Math.toIntExact(rows);
    int width = Math.toIntExact(columns);
    float[] result = new float[values.length];
    for (int row = 0; row < height; row++) {
      for (int column = 0; column < width; column++) {
        result[column * height + row] = values[row * width + column];
      }
    }
    return result;
  }
}
