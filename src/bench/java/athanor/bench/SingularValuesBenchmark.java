package athanor.bench;

import athanor.kernel.DenseSvd;
import athanor.kernel.Kernels;
import athanor.kernel.LowRankSvd;
import athanor.kernel.TruncatedSvd;
import java.util.concurrent.TimeUnit;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.CommonOps_DDRM;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.ejml.interfaces.decomposition.SingularValueDecomposition_F64;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Milliseconds per module of what resize, merges of LoRAs and extract do most. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(1)
public class SingularValuesBenchmark {

  /** Factors of a LoRA. */
  @State(Scope.Thread)
  public static class Factors {
    /** Rows, rank and columns. */
    @Param({"640x128x640", "1280x32x1280", "1280x128x1280", "10240x128x1280", "1280x512x1280"})
    public String factors = "";

    final Kernels kernels = Kernels.create();
    int rows;
    int rank;
    int columns;
    float[] up = {};
    float[] down = {};

    /** Random factors of the sizes. */
    @Setup
    public void create() {
      int[] sizes = Sizes.parse(factors);
      rows = sizes[0];
      rank = sizes[1];
      columns = sizes[2];
      up = Sizes.gaussians(1, rows * rank);
      down = Sizes.gaussians(2, rank * columns);
    }
  }

  /** A matrix with a slowly decaying spectrum over noise. */
  @State(Scope.Thread)
  public static class Matrix {
    private static final int STRONG = 300;

    /** Rows and columns. */
    @Param({"640x640", "1280x1280", "10240x1280", "1280x11520"})
    public String matrix = "";

    final Kernels kernels = Kernels.create();
    int rows;
    int columns;
    float[] values = {};

    /** Random values of the sizes. */
    @Setup
    public void create() {
      int[] sizes = Sizes.parse(matrix);
      rows = sizes[0];
      columns = sizes[1];
      values = Sizes.gaussians(1, rows * columns);
      float[] up = Sizes.gaussians(2, rows * STRONG);
      float[] down = Sizes.gaussians(3, STRONG * columns);
      for (int i = 0; i < down.length; i++) {
        down[i] /= 1 + 0.05f * (i / columns);
      }
      var packed = kernels.pack(STRONG, columns, down, 0, columns);
      kernels.multiplyAdd(rows, up, 0, STRONG, packed, values, 0, columns);
    }
  }

  /** All singular values of up·down, and its best approximation of rank 32. */
  @Benchmark
  public TruncatedSvd lowRankTo32(Factors f) {
    return LowRankSvd.of(f.kernels, f.rows, f.rank, f.columns, f.up, f.down).truncate(32);
  }

  /** The leading 64 singular values and vectors of a dense matrix. */
  @Benchmark
  public DenseSvd denseTo64(Matrix m) {
    return DenseSvd.truncated(m.kernels, m.values, m.rows, m.columns, 64, 1);
  }

  /** What {@link #lowRankTo32} does, by EJML in float64: two QRs and the SVD of the core. */
  @Benchmark
  public SingularValueDecomposition_F64<DMatrixRMaj> ejmlLowRank(Factors f) {
    DMatrixRMaj left = triangle(matrix(f.rows, f.rank, f.up));
    DMatrixRMaj down = matrix(f.rank, f.columns, f.down);
    CommonOps_DDRM.transpose(down);
    DMatrixRMaj right = triangle(down);
    var core = new DMatrixRMaj(left.numRows, right.numRows);
    CommonOps_DDRM.multTransB(left, right, core);
    return decomposed(core);
  }

  /**
   * All singular values and vectors of a dense matrix by EJML in float64; it has no truncated form.
   */
  @Benchmark
  public SingularValueDecomposition_F64<DMatrixRMaj> ejmlDense(Matrix m) {
    return decomposed(matrix(m.rows, m.columns, m.values));
  }

  private static DMatrixRMaj triangle(DMatrixRMaj matrix) {
    var qr = DecompositionFactory_DDRM.qr(matrix.numRows, matrix.numCols);
    qr.decompose(matrix);
    qr.getQ(null, true); // the factors need it
    return qr.getR(null, true);
  }

  private static SingularValueDecomposition_F64<DMatrixRMaj> decomposed(DMatrixRMaj matrix) {
    var svd = DecompositionFactory_DDRM.svd(matrix.numRows, matrix.numCols, true, true, true);
    svd.decompose(matrix);
    return svd;
  }

  private static DMatrixRMaj matrix(int rows, int columns, float[] values) {
    var matrix = new DMatrixRMaj(rows, columns);
    for (int i = 0; i < values.length; i++) {
      matrix.data[i] = values[i];
    }
    return matrix;
  }
}
