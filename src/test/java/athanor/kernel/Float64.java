package athanor.kernel;

import athanor.testkit.Gen;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.NormOps_DDRM;
import org.ejml.dense.row.SingularOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;

/** Float64 matrices of another library, as oracle; row-major. */
final class Float64 {
  private Float64() {}

  static DMatrixRMaj matrix(int rows, int columns, float[] values) {
    var matrix = new DMatrixRMaj(rows, columns);
    for (int i = 0; i < rows * columns; i++) {
      matrix.data[i] = values[i];
    }
    return matrix;
  }

  static DMatrixRMaj product(DMatrixRMaj left, DMatrixRMaj right) {
    var product = new DMatrixRMaj(left.numRows, right.numCols);
    CommonOps_DDRM.mult(left, right, product);
    return product;
  }

  static double[] singularValues(DMatrixRMaj matrix) {
    var svd = DecompositionFactory_DDRM.svd(matrix.numRows, matrix.numCols, false, false, true);
    svd.decompose(matrix.copy());
    double[] values = svd.getSingularValues();
    SingularOps_DDRM.descendingOrder(null, false, values, values.length, null, false);
    return values;
  }

  static double norm(DMatrixRMaj matrix) {
    return NormOps_DDRM.normF(matrix);
  }

  static double distance(DMatrixRMaj a, DMatrixRMaj b) {
    var difference = new DMatrixRMaj(a.numRows, a.numCols);
    CommonOps_DDRM.subtract(a, b, difference);
    return norm(difference);
  }

  /** U·diag(S)·Vᵀ. */
  static DMatrixRMaj product(TruncatedSvd svd) {
    DMatrixRMaj u = matrix(svd.rows(), svd.rank(), svd.u());
    CommonOps_DDRM.multCols(u, svd.s());
    return product(u, matrix(svd.rank(), svd.columns(), svd.vt()));
  }

  /**
   * The largest element of {@code QᵀQ − 1} over both factors, of the first {@code count} vectors.
   */
  static double farFromOrthonormal(TruncatedSvd svd, int count) {
    DMatrixRMaj u = matrix(svd.rows(), svd.rank(), svd.u());
    DMatrixRMaj v = matrix(svd.rank(), svd.columns(), svd.vt());
    var uu = new DMatrixRMaj(svd.rank(), svd.rank());
    var vv = new DMatrixRMaj(svd.rank(), svd.rank());
    CommonOps_DDRM.multTransA(u, u, uu);
    CommonOps_DDRM.multTransB(v, v, vv);
    double farthest = 0;
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < count; j++) {
        double wanted = i == j ? 1 : 0;
        farthest = Math.max(farthest, Math.abs(uu.get(i, j) - wanted));
        farthest = Math.max(farthest, Math.abs(vv.get(i, j) - wanted));
      }
    }
    return farthest;
  }

  /** Gaussian values whose column j (or row j) is scaled by {@code base^j}. */
  static float[] decaying(Gen gen, int rows, int columns, double base, boolean byRow) {
    float[] values = gen.gaussians(rows * columns, 1);
    for (int i = 0; i < values.length; i++) {
      int index = byRow ? i / columns : i % columns;
      values[i] *= (float) Math.pow(base, index);
    }
    return values;
  }
}
