package athanor.kernel;

import athanor.tensor.DType;
import java.lang.foreign.MemorySegment;

/** The kernels in plain Java: what to use without the Vector API, and what to compare it with. */
public final class ScalarKernels implements Kernels {
  ScalarKernels() {}

  @Override
  public String description() {
    return "plain Java";
  }

  @Override
  public void toFloat(
      DType dtype, MemorySegment source, long offset, float[] target, int targetOffset, int count) {
    Conversions.toFloat(dtype, source, offset, target, targetOffset, count);
  }

  @Override
  public long fromFloat(
      float[] source, int sourceOffset, DType dtype, MemorySegment target, long offset, int count) {
    Conversions.fromFloat(source, sourceOffset, dtype, target, offset, count);
    return Conversions.countAtLeast(Limits.saturation(dtype), source, sourceOffset, count);
  }

  @Override
  public void round(DType precision, float[] values, int offset, int count) {
    Conversions.round(precision, values, offset, count);
  }

  @Override
  public PackedMatrix pack(int rows, int columns, float[] values, int offset, int stride) {
    return PackedMatrix.of(rows, columns, values, offset, stride, ScalarProduct.PANEL_WIDTH);
  }

  @Override
  public void multiplyAdd(
      int m,
      float[] a,
      int aOffset,
      int aStride,
      PackedMatrix b,
      float[] c,
      int cOffset,
      int cStride) {
    b.requirePanelWidth(ScalarProduct.PANEL_WIDTH);
    ScalarProduct.multiplyAdd(m, a, aOffset, aStride, b, c, cOffset, cStride);
  }

  @Override
  public double sumOfSquares(float[] values, int offset, int count) {
    return ScalarColumns.sumOfSquares(values, offset, count);
  }

  @Override
  public double dot(double[] x, int xOffset, double[] y, int yOffset, int count) {
    return ScalarColumns.dot(x, xOffset, y, yOffset, count);
  }

  @Override
  public void reflect(
      double[] v,
      int vOffset,
      int count,
      double beta,
      double[] columns,
      int offset,
      int stride,
      int columnCount) {
    ScalarColumns.reflect(v, vOffset, count, beta, columns, offset, stride, columnCount);
  }

  @Override
  public void rotate(
      double[] columns, int xOffset, int yOffset, int count, double cosine, double sine) {
    ScalarColumns.rotate(columns, xOffset, yOffset, count, cosine, sine);
  }
}
