package athanor.kernel;

/**
 * The right-hand factor of a product, {@code [rows, columns]}, copied once into the order in which
 * {@link Kernels#multiplyAdd} reads it: panels of a fixed number of columns, each panel row by row,
 * the last panel filled up with zeros. Made by {@link Kernels#pack}; belongs to the kernels that
 * made it. Immutable, so threads may share it.
 */
public final class PackedMatrix {
  private final int rows;
  private final int columns;
  private final int panelWidth;
  private final float[] panels;

  private PackedMatrix(int rows, int columns, int panelWidth, float[] panels) {
    this.rows = rows;
    this.columns = columns;
    this.panelWidth = panelWidth;
    this.panels = panels;
  }

  static PackedMatrix of(
      int rows, int columns, float[] values, int offset, int stride, int panelWidth) {
    int panelCount = Math.ceilDiv(columns, panelWidth);
    int panelSize = Math.multiplyExact(rows, panelWidth);
    float[] panels = new float[Math.multiplyExact(panelCount, panelSize)];
    for (int row = 0; row < rows; row++) {
      int source = offset + row * stride;
      int target = row * panelWidth;
      for (int column = 0; column < columns; column += panelWidth) {
        int width = Math.min(panelWidth, columns - column);
        System.arraycopy(values, source + column, panels, target, width);
        target += panelSize;
      }
    }
    return new PackedMatrix(rows, columns, panelWidth, panels);
  }

  /** Rows of the factor: the inner dimension of the product. */
  public int rows() {
    return rows;
  }

  /** Columns of the factor. */
  public int columns() {
    return columns;
  }

  /** Memory held, in bytes. */
  public long byteSize() {
    return 4L * panels.length;
  }

  void requirePanelWidth(int expected) {
    if (panelWidth != expected) {
      throw new IllegalArgumentException(
          "panel width: "
              + panelWidth
              + " (expected: "
              + expected
              + ", as packed by these kernels)");
    }
  }

  /** Panel {@code p} begins at {@code p · rows · panelWidth}. Never written after construction. */
  float[] panels() {
    return panels;
  }
}
