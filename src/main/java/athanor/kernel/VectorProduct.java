package athanor.kernel;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The matrix product on vector registers. A tile of C stays in registers while k runs; the tile is
 * 4 rows × 4 vectors where there are 32 registers (AVX-512, NEON) and 4 × 3 where there are 16
 * (AVX2): 12 accumulators, 3 vectors of B and one broadcast element of A. The tiles are written out
 * because only local variables live in registers.
 */
final class VectorProduct {
  private static final VectorSpecies<Float> SPECIES = VectorSpeciesChoice.FLOAT;
  private static final int LANES = SPECIES.length();
  private static final int TILE_ROWS = 4;
  private static final int TILE_VECTORS = LANES == 8 ? 3 : 4;

  static final int PANEL_WIDTH = TILE_VECTORS * LANES;

  private VectorProduct() {}

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
    float[] scratch = new float[b.columns() % PANEL_WIDTH == 0 ? 0 : TILE_ROWS * PANEL_WIDTH];
    for (int column = 0; column < b.columns(); column += PANEL_WIDTH) {
      int panel = column * k;
      int width = Math.min(PANEL_WIDTH, b.columns() - column);
      int row = 0;
      while (row < m) {
        int rows = m - row >= TILE_ROWS ? TILE_ROWS : 1;
        int aIndex = aOffset + row * aStride;
        int cIndex = cOffset + row * cStride + column;
        if (width == PANEL_WIDTH) {
          tile(rows, k, a, aIndex, aStride, b.panels(), panel, c, cIndex, cStride);
        } else {
          copy(rows, width, c, cIndex, cStride, scratch, 0, PANEL_WIDTH);
          tile(rows, k, a, aIndex, aStride, b.panels(), panel, scratch, 0, PANEL_WIDTH);
          copy(rows, width, scratch, 0, PANEL_WIDTH, c, cIndex, cStride);
        }
        row += rows;
      }
    }
  }

  private static void copy(
      int rows,
      int width,
      float[] from,
      int fromIndex,
      int fromStride,
      float[] to,
      int toIndex,
      int toStride) {
    for (int row = 0; row < rows; row++) {
      System.arraycopy(from, fromIndex + row * fromStride, to, toIndex + row * toStride, width);
    }
  }

  private static void tile(
      int rows,
      int k,
      float[] a,
      int a0,
      int aStride,
      float[] b,
      int b0,
      float[] c,
      int c0,
      int cStride) {
    if (rows == 1) {
      if (TILE_VECTORS == 4) {
        tile1x4(k, a, a0, b, b0, c, c0);
      } else {
        tile1x3(k, a, a0, b, b0, c, c0);
      }
    } else if (TILE_VECTORS == 4) {
      tile4x4(k, a, a0, aStride, b, b0, c, c0, cStride);
    } else {
      tile4x3(k, a, a0, aStride, b, b0, c, c0, cStride);
    }
  }

  private static void tile4x4(
      int k, float[] a, int a0, int aStride, float[] b, int b0, float[] c, int c0, int cStride) {
    FloatVector c00 = FloatVector.zero(SPECIES);
    FloatVector c01 = FloatVector.zero(SPECIES);
    FloatVector c02 = FloatVector.zero(SPECIES);
    FloatVector c03 = FloatVector.zero(SPECIES);
    FloatVector c10 = FloatVector.zero(SPECIES);
    FloatVector c11 = FloatVector.zero(SPECIES);
    FloatVector c12 = FloatVector.zero(SPECIES);
    FloatVector c13 = FloatVector.zero(SPECIES);
    FloatVector c20 = FloatVector.zero(SPECIES);
    FloatVector c21 = FloatVector.zero(SPECIES);
    FloatVector c22 = FloatVector.zero(SPECIES);
    FloatVector c23 = FloatVector.zero(SPECIES);
    FloatVector c30 = FloatVector.zero(SPECIES);
    FloatVector c31 = FloatVector.zero(SPECIES);
    FloatVector c32 = FloatVector.zero(SPECIES);
    FloatVector c33 = FloatVector.zero(SPECIES);
    int a1 = a0 + aStride;
    int a2 = a1 + aStride;
    int a3 = a2 + aStride;
    int bIndex = b0;
    for (int p = 0; p < k; p++) {
      FloatVector bv0 = FloatVector.fromArray(SPECIES, b, bIndex);
      FloatVector bv1 = FloatVector.fromArray(SPECIES, b, bIndex + LANES);
      FloatVector bv2 = FloatVector.fromArray(SPECIES, b, bIndex + 2 * LANES);
      FloatVector bv3 = FloatVector.fromArray(SPECIES, b, bIndex + 3 * LANES);
      bIndex += 4 * LANES;
      FloatVector av = FloatVector.broadcast(SPECIES, a[a0 + p]);
      c00 = av.fma(bv0, c00);
      c01 = av.fma(bv1, c01);
      c02 = av.fma(bv2, c02);
      c03 = av.fma(bv3, c03);
      av = FloatVector.broadcast(SPECIES, a[a1 + p]);
      c10 = av.fma(bv0, c10);
      c11 = av.fma(bv1, c11);
      c12 = av.fma(bv2, c12);
      c13 = av.fma(bv3, c13);
      av = FloatVector.broadcast(SPECIES, a[a2 + p]);
      c20 = av.fma(bv0, c20);
      c21 = av.fma(bv1, c21);
      c22 = av.fma(bv2, c22);
      c23 = av.fma(bv3, c23);
      av = FloatVector.broadcast(SPECIES, a[a3 + p]);
      c30 = av.fma(bv0, c30);
      c31 = av.fma(bv1, c31);
      c32 = av.fma(bv2, c32);
      c33 = av.fma(bv3, c33);
    }
    add(c00, c, c0);
    add(c01, c, c0 + LANES);
    add(c02, c, c0 + 2 * LANES);
    add(c03, c, c0 + 3 * LANES);
    add(c10, c, c0 + cStride);
    add(c11, c, c0 + cStride + LANES);
    add(c12, c, c0 + cStride + 2 * LANES);
    add(c13, c, c0 + cStride + 3 * LANES);
    add(c20, c, c0 + 2 * cStride);
    add(c21, c, c0 + 2 * cStride + LANES);
    add(c22, c, c0 + 2 * cStride + 2 * LANES);
    add(c23, c, c0 + 2 * cStride + 3 * LANES);
    add(c30, c, c0 + 3 * cStride);
    add(c31, c, c0 + 3 * cStride + LANES);
    add(c32, c, c0 + 3 * cStride + 2 * LANES);
    add(c33, c, c0 + 3 * cStride + 3 * LANES);
  }

  private static void tile4x3(
      int k, float[] a, int a0, int aStride, float[] b, int b0, float[] c, int c0, int cStride) {
    FloatVector c00 = FloatVector.zero(SPECIES);
    FloatVector c01 = FloatVector.zero(SPECIES);
    FloatVector c02 = FloatVector.zero(SPECIES);
    FloatVector c10 = FloatVector.zero(SPECIES);
    FloatVector c11 = FloatVector.zero(SPECIES);
    FloatVector c12 = FloatVector.zero(SPECIES);
    FloatVector c20 = FloatVector.zero(SPECIES);
    FloatVector c21 = FloatVector.zero(SPECIES);
    FloatVector c22 = FloatVector.zero(SPECIES);
    FloatVector c30 = FloatVector.zero(SPECIES);
    FloatVector c31 = FloatVector.zero(SPECIES);
    FloatVector c32 = FloatVector.zero(SPECIES);
    int a1 = a0 + aStride;
    int a2 = a1 + aStride;
    int a3 = a2 + aStride;
    int bIndex = b0;
    for (int p = 0; p < k; p++) {
      FloatVector bv0 = FloatVector.fromArray(SPECIES, b, bIndex);
      FloatVector bv1 = FloatVector.fromArray(SPECIES, b, bIndex + LANES);
      FloatVector bv2 = FloatVector.fromArray(SPECIES, b, bIndex + 2 * LANES);
      bIndex += 3 * LANES;
      FloatVector av = FloatVector.broadcast(SPECIES, a[a0 + p]);
      c00 = av.fma(bv0, c00);
      c01 = av.fma(bv1, c01);
      c02 = av.fma(bv2, c02);
      av = FloatVector.broadcast(SPECIES, a[a1 + p]);
      c10 = av.fma(bv0, c10);
      c11 = av.fma(bv1, c11);
      c12 = av.fma(bv2, c12);
      av = FloatVector.broadcast(SPECIES, a[a2 + p]);
      c20 = av.fma(bv0, c20);
      c21 = av.fma(bv1, c21);
      c22 = av.fma(bv2, c22);
      av = FloatVector.broadcast(SPECIES, a[a3 + p]);
      c30 = av.fma(bv0, c30);
      c31 = av.fma(bv1, c31);
      c32 = av.fma(bv2, c32);
    }
    add(c00, c, c0);
    add(c01, c, c0 + LANES);
    add(c02, c, c0 + 2 * LANES);
    add(c10, c, c0 + cStride);
    add(c11, c, c0 + cStride + LANES);
    add(c12, c, c0 + cStride + 2 * LANES);
    add(c20, c, c0 + 2 * cStride);
    add(c21, c, c0 + 2 * cStride + LANES);
    add(c22, c, c0 + 2 * cStride + 2 * LANES);
    add(c30, c, c0 + 3 * cStride);
    add(c31, c, c0 + 3 * cStride + LANES);
    add(c32, c, c0 + 3 * cStride + 2 * LANES);
  }

  private static void tile1x4(int k, float[] a, int a0, float[] b, int b0, float[] c, int c0) {
    FloatVector c00 = FloatVector.zero(SPECIES);
    FloatVector c01 = FloatVector.zero(SPECIES);
    FloatVector c02 = FloatVector.zero(SPECIES);
    FloatVector c03 = FloatVector.zero(SPECIES);
    int bIndex = b0;
    for (int p = 0; p < k; p++) {
      FloatVector bv0 = FloatVector.fromArray(SPECIES, b, bIndex);
      FloatVector bv1 = FloatVector.fromArray(SPECIES, b, bIndex + LANES);
      FloatVector bv2 = FloatVector.fromArray(SPECIES, b, bIndex + 2 * LANES);
      FloatVector bv3 = FloatVector.fromArray(SPECIES, b, bIndex + 3 * LANES);
      bIndex += 4 * LANES;
      FloatVector av = FloatVector.broadcast(SPECIES, a[a0 + p]);
      c00 = av.fma(bv0, c00);
      c01 = av.fma(bv1, c01);
      c02 = av.fma(bv2, c02);
      c03 = av.fma(bv3, c03);
    }
    add(c00, c, c0);
    add(c01, c, c0 + LANES);
    add(c02, c, c0 + 2 * LANES);
    add(c03, c, c0 + 3 * LANES);
  }

  private static void tile1x3(int k, float[] a, int a0, float[] b, int b0, float[] c, int c0) {
    FloatVector c00 = FloatVector.zero(SPECIES);
    FloatVector c01 = FloatVector.zero(SPECIES);
    FloatVector c02 = FloatVector.zero(SPECIES);
    int bIndex = b0;
    for (int p = 0; p < k; p++) {
      FloatVector bv0 = FloatVector.fromArray(SPECIES, b, bIndex);
      FloatVector bv1 = FloatVector.fromArray(SPECIES, b, bIndex + LANES);
      FloatVector bv2 = FloatVector.fromArray(SPECIES, b, bIndex + 2 * LANES);
      bIndex += 3 * LANES;
      FloatVector av = FloatVector.broadcast(SPECIES, a[a0 + p]);
      c00 = av.fma(bv0, c00);
      c01 = av.fma(bv1, c01);
      c02 = av.fma(bv2, c02);
    }
    add(c00, c, c0);
    add(c01, c, c0 + LANES);
    add(c02, c, c0 + 2 * LANES);
  }

  private static void add(FloatVector delta, float[] c, int index) {
    FloatVector.fromArray(SPECIES, c, index).add(delta).intoArray(c, index);
  }
}
