package athanor.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import athanor.testkit.Gen;
import java.util.List;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The decompositions of a dense matrix against those of another library in float64. */
class DenseSvdTest {
  private static final int ROUNDS = Integer.getInteger("rounds", 300);

  private final Kernels kernels = Kernels.create();

  @ParameterizedTest
  @CsvSource({"1, 1", "7, 3", "3, 7", "61, 61", "97, 31", "31, 97"})
  void fullEqualsTheOracle(int rows, int columns) {
    float[] values = Gen.seeded("fullEqualsTheOracle").gaussians(rows * columns, 1);
    DMatrixRMaj matrix = Float64.matrix(rows, columns, values);
    double[] oracle = Float64.singularValues(matrix);
    DenseSvd svd = DenseSvd.full(kernels, values, rows, columns);
    assertThat(svd.factors().rank()).isEqualTo(Math.min(rows, columns));
    assertThat(svd.factors().s()).containsExactly(oracle, within(1e-13 * oracle[0]));
    assertThat(Float64.distance(matrix, Float64.product(svd.factors())))
        .isLessThan(1e-6 * Float64.norm(matrix));
    assertThat(Math.sqrt(svd.squaredNorm())).isCloseTo(Float64.norm(matrix), within(1e-9));
  }

  @ParameterizedTest
  @CsvSource({"257, 131, 16", "131, 257, 16", "211, 199, 1"})
  void truncatedIsNearlyTheBestAndSaysHowFarOff(int rows, int columns, int rank) {
    Gen gen = Gen.seeded("truncatedIsNearlyTheBestAndSaysHowFarOff");
    float[] values = slowlyDecaying(gen, rows, columns);
    DMatrixRMaj matrix = Float64.matrix(rows, columns, values);
    double[] oracle = Float64.singularValues(matrix);
    double best = 0;
    for (int i = rank; i < oracle.length; i++) {
      best += oracle[i] * oracle[i];
    }
    DenseSvd svd = DenseSvd.truncated(kernels, values, rows, columns, rank, 11);
    double error = Float64.distance(matrix, Float64.product(svd.factors()));
    assertThat(svd.factors().rank()).isEqualTo(rank);
    assertThat(error).isBetween(Math.sqrt(best) * 0.99999, Math.sqrt(best) * 1.005);
    assertThat(Math.sqrt(svd.squaredError())).isCloseTo(error, within(1e-4 * error));
    assertThat(Float64.farFromOrthonormal(svd.factors(), rank)).isLessThan(2e-6);
  }

  @Test
  void truncatedFindsAllOfAMatrixOfThatRank() {
    Gen gen = Gen.seeded("truncatedFindsAllOfAMatrixOfThatRank");
    DMatrixRMaj matrix =
        Float64.product(
            Float64.matrix(149, 5, gen.gaussians(149 * 5, 1)),
            Float64.matrix(5, 151, gen.gaussians(5 * 151, 1)));
    float[] values = new float[149 * 151];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) matrix.data[i];
    }
    DenseSvd svd = DenseSvd.truncated(kernels, values, 149, 151, 8, 1);
    assertThat(Float64.distance(matrix, Float64.product(svd.factors())))
        .isLessThan(1e-6 * Float64.norm(matrix));
    assertThat(Math.sqrt(svd.squaredError())).isLessThan(1e-3 * Float64.norm(matrix));
  }

  @Test
  void aZeroMatrixHasZeroFactors() {
    DenseSvd svd = DenseSvd.truncated(kernels, new float[67 * 71], 67, 71, 4, 1);
    assertThat(svd.factors().s()).containsOnly(0);
    assertThat(svd.factors().u()).containsOnly(0f);
    assertThat(svd.squaredError()).isZero();
  }

  @Test
  void theSeedAloneDecides() {
    float[] values = slowlyDecaying(Gen.fixed(3), 101, 97);
    TruncatedSvd once = DenseSvd.truncated(kernels, values, 101, 97, 7, 42).factors();
    TruncatedSvd again = DenseSvd.truncated(new ScalarKernels(), values, 101, 97, 7, 42).factors();
    TruncatedSvd other = DenseSvd.truncated(kernels, values, 101, 97, 7, 43).factors();
    assertThat(again.u()).containsExactly(once.u());
    assertThat(again.s()).containsExactly(once.s());
    assertThat(again.vt()).containsExactly(once.vt());
    assertThat(other.u()).isNotEqualTo(once.u());
  }

  @Test
  void aRankBeyondTheMatrixMeansAllOfIt() {
    float[] values = Gen.fixed(3).gaussians(13 * 17, 1);
    DenseSvd svd = DenseSvd.truncated(kernels, values, 13, 17, 64, 1);
    assertThat(svd.factors().rank()).isEqualTo(13);
    assertThat(Math.sqrt(svd.squaredError() / svd.squaredNorm())).isLessThan(1e-7);
  }

  /**
   * Matrices of few different values and a rank far below their sides, as differences of
   * checkpoints in eight bits are: what is left of their columns after a few reflections is
   * rounding error that depends on itself.
   */
  @Test
  void matricesOfAnyRankAndMagnitudeHaveFiniteFactorsThatGiveThemBack() {
    Gen gen = Gen.seeded("matricesOfAnyRankAndMagnitudeHaveFiniteFactorsThatGiveThemBack");
    for (int round = 0; round < ROUNDS; round++) {
      int rows = gen.between(1, 90);
      int columns = gen.between(1, 90);
      int rank = gen.between(1, 16);
      float[] values = deficient(gen, rows, columns);
      DMatrixRMaj matrix = Float64.matrix(rows, columns, values);
      String what = "round " + round + ": " + rows + " × " + columns + ", rank " + rank;
      DenseSvd svd = DenseSvd.truncated(kernels, values, rows, columns, rank, round);
      for (double value : svd.factors().s()) {
        assertThat(value).as(what).isFinite();
      }
      double best = 0;
      double[] oracle = Float64.singularValues(matrix);
      for (int i = svd.factors().rank(); i < oracle.length; i++) {
        best += oracle[i] * oracle[i];
      }
      assertThat(Float64.distance(matrix, Float64.product(svd.factors())))
          .as(what)
          .isLessThanOrEqualTo(1.05 * Math.sqrt(best) + 1e-5 * Float64.norm(matrix));
    }
  }

  /** Few different entries, rows that repeat, and a common factor of any size. */
  private static float[] deficient(Gen gen, int rows, int columns) {
    int rank = gen.between(0, 4);
    float magnitude = gen.oneOf(1f, 1f, 0x1p-6f, 0x1p-60f, 0x1p-140f, 0x1p60f, 0x1p120f);
    int[][] left = new int[rows][rank];
    int[][] right = new int[columns][rank];
    for (int[][] side : List.of(left, right)) {
      for (int i = 0; i < side.length; i++) {
        if (i > 0 && gen.between(0, 2) == 0) {
          side[i] = side[i - 1];
          continue;
        }
        for (int k = 0; k < rank; k++) {
          side[i][k] = gen.between(-2, 2);
        }
      }
    }
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      int sum = 0;
      for (int k = 0; k < rank; k++) {
        sum += left[i / columns][k] * right[i % columns][k];
      }
      values[i] = sum * magnitude;
    }
    return values;
  }

  @Test
  void refusesAMatrixThatIsNotNumbers() {
    assertThatThrownBy(() -> DenseSvd.full(kernels, new float[] {Float.NaN}, 1, 1))
        .isInstanceOf(IllegalArgumentException.class);
    float[] values = new float[67 * 71];
    values[9] = Float.NEGATIVE_INFINITY;
    assertThatThrownBy(() -> DenseSvd.truncated(kernels, values, 67, 71, 2, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  /** A few strong directions over a long tail, as differences between trained models have. */
  private static float[] slowlyDecaying(Gen gen, int rows, int columns) {
    int rank = 64;
    float[] up = gen.gaussians(rows * rank, 1);
    float[] down = gen.gaussians(rank * columns, 1);
    for (int i = 0; i < down.length; i++) {
      down[i] /= 1 + (i / columns) * 0.3f;
    }
    float[] values = gen.gaussians(rows * columns, 0.1);
    Kernels kernels = Kernels.create();
    kernels.multiplyAdd(
        rows, up, 0, rank, kernels.pack(rank, columns, down, 0, columns), values, 0, columns);
    return values;
  }
}
