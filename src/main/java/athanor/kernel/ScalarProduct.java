package athanor.kernel;

/**
 * The matrix product in plain Java, element by element the same sums as {@link VectorProduct}. The
 * tile of 4 × 4 elements of C is written out because only local variables live in registers.
 */
final class ScalarProduct {
  static final int PANEL_WIDTH = 4;
  private static final int TILE_ROWS = 4;

  private ScalarProduct() {}

  static void multiplyAdd(
      int m,
      float[] a,
      int aOffset,
      int aStride,
      PackedMatrix b,
      float[] c,
      int cOffset,
      int cStride) {
    int k = b.rows();
    int fullColumns = b.columns() - b.columns() % PANEL_WIDTH;
    int fullRows = m - m % TILE_ROWS;
    for (int column = 0; column < fullColumns; column += PANEL_WIDTH) {
      for (int row = 0; row < fullRows; row += TILE_ROWS) {
        int aIndex = aOffset + row * aStride;
        int cIndex = cOffset + row * cStride + column;
        tile4x4(k, a, aIndex, aStride, b.panels(), column * k, c, cIndex, cStride);
      }
    }
    for (int row = 0; row < m; row++) {
      for (int column = row < fullRows ? fullColumns : 0; column < b.columns(); column++) {
        int cIndex = cOffset + row * cStride + column;
        c[cIndex] += element(a, aOffset + row * aStride, b, column);
      }
    }
  }

  private static float element(float[] a, int a0, PackedMatrix b, int column) {
    float[] panels = b.panels();
    int inPanel = column % PANEL_WIDTH;
    int bIndex = (column - inPanel) * b.rows() + inPanel;
    float sum = 0;
    for (int p = 0; p < b.rows(); p++) {
      sum = Math.fma(a[a0 + p], panels[bIndex], sum);
      bIndex += PANEL_WIDTH;
    }
    return sum;
  }

  private static void tile4x4(
      int k, float[] a, int a0, int aStride, float[] b, int b0, float[] c, int c0, int cStride) {
    float c00 = 0, c01 = 0, c02 = 0, c03 = 0;
    float c10 = 0, c11 = 0, c12 = 0, c13 = 0;
    float c20 = 0, c21 = 0, c22 = 0, c23 = 0;
    float c30 = 0, c31 = 0, c32 = 0, c33 = 0;
    int a1 = a0 + aStride;
    int a2 = a1 + aStride;
    int a3 = a2 + aStride;
    int bIndex = b0;
    for (int p = 0; p < k; p++) {
      float bv0 = b[bIndex];
      float bv1 = b[bIndex + 1];
      float bv2 = b[bIndex + 2];
      float bv3 = b[bIndex + 3];
      bIndex += PANEL_WIDTH;
      float av = a[a0 + p];
      c00 = Math.fma(av, bv0, c00);
      c01 = Math.fma(av, bv1, c01);
      c02 = Math.fma(av, bv2, c02);
      c03 = Math.fma(av, bv3, c03);
      av = a[a1 + p];
      c10 = Math.fma(av, bv0, c10);
      c11 = Math.fma(av, bv1, c11);
      c12 = Math.fma(av, bv2, c12);
      c13 = Math.fma(av, bv3, c13);
      av = a[a2 + p];
      c20 = Math.fma(av, bv0, c20);
      c21 = Math.fma(av, bv1, c21);
      c22 = Math.fma(av, bv2, c22);
      c23 = Math.fma(av, bv3, c23);
      av = a[a3 + p];
      c30 = Math.fma(av, bv0, c30);
      c31 = Math.fma(av, bv1, c31);
      c32 = Math.fma(av, bv2, c32);
      c33 = Math.fma(av, bv3, c33);
    }
    c[c0] += c00;
    c[c0 + 1] += c01;
    c[c0 + 2] += c02;
    c[c0 + 3] += c03;
    int row1 = c0 + cStride;
    c[row1] += c10;
    c[row1 + 1] += c11;
    c[row1 + 2] += c12;
    c[row1 + 3] += c13;
    int row2 = row1 + cStride;
    c[row2] += c20;
    c[row2 + 1] += c21;
    c[row2 + 2] += c22;
    c[row2 + 3] += c23;
    int row3 = row2 + cStride;
    c[row3] += c30;
    c[row3 + 1] += c31;
    c[row3 + 2] += c32;
    c[row3 + 3] += c33;
  }
}
