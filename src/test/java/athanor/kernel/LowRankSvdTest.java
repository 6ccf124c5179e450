package athanor.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import athanor.testkit.Gen;
import org.ejml.data.DMatrixRMaj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The decomposition of up·down against the dense decomposition by another library in float64. */
class LowRankSvdTest {
  private final Kernels kernels = Kernels.create();

  @ParameterizedTest
  @CsvSource({
    "1, 1, 1",
    "5, 3, 7",
    "97, 13, 61",
    "61, 13, 97",
    "320, 32, 768",
    "11, 40, 97",
    "97, 40, 11",
    "13, 50, 17",
    "131, 128, 127"
  })
  void equalsTheDecompositionOfTheFullMatrix(int rows, int rank, int columns) {
    Gen gen = Gen.seeded("equalsTheDecompositionOfTheFullMatrix");
    Case test =
        new Case(
            rows, rank, columns, gen.gaussians(rows * rank, 1), gen.gaussians(rank * columns, 1));
    checkAgainstOracle(test);
  }

  @Test
  void smallSingularValuesAreAccurate() {
    Gen gen = Gen.seeded("smallSingularValuesAreAccurate");
    float[] up = Float64.decaying(gen, 101, 24, 0.3, false);
    float[] down = Float64.decaying(gen, 24, 83, 1 / 1.5, true);
    checkAgainstOracle(new Case(101, 24, 83, up, down));
  }

  @Test
  void scalesOfUpAndDownThatCompensateDoNoHarm() {
    Gen gen = Gen.seeded("scalesOfUpAndDownThatCompensateDoNoHarm");
    float[] up = Float64.decaying(gen, 67, 16, 10, false);
    float[] down = Float64.decaying(gen, 16, 71, 0.1, true);
    checkAgainstOracle(new Case(67, 16, 71, up, down));
  }

  @Test
  void repeatedColumnsCostNoRankAndGiveZeros() {
    Gen gen = Gen.seeded("repeatedColumnsCostNoRankAndGiveZeros");
    float[] up = gen.gaussians(53 * 8, 1);
    float[] down = gen.gaussians(8 * 59, 1);
    for (int row = 0; row < 53; row++) {
      System.arraycopy(up, row * 8, up, row * 8 + 4, 4);
    }
    Case test = new Case(53, 8, 59, up, down);
    LowRankSvd svd = checkAgainstOracle(test);
    assertThat(java.util.Arrays.copyOfRange(svd.singularValues(), 4, 8)).containsOnly(0);
    assertThat(svd.squaredError(4)).isZero();
    TruncatedSvd all = svd.truncate(8);
    for (int row = 0; row < 53; row++) {
      assertThat(java.util.Arrays.copyOfRange(all.u(), row * 8 + 4, row * 8 + 8)).containsOnly(0f);
    }
  }

  @Test
  void aProductThatCancelsOutIsZero() {
    Gen gen = Gen.seeded("aProductThatCancelsOutIsZero");
    float[] up = gen.gaussians(53 * 8, 1);
    float[] down = gen.gaussians(8 * 59, 1);
    for (int row = 0; row < 53; row++) {
      System.arraycopy(up, row * 8, up, row * 8 + 4, 4);
    }
    for (int i = 0; i < 4 * 59; i++) {
      down[4 * 59 + i] = -down[i];
    }
    LowRankSvd svd = LowRankSvd.of(kernels, 53, 8, 59, up, down);
    assertThat(svd.singularValues()).containsOnly(0);
    assertThat(svd.truncate(3).u()).containsOnly(0f);
  }

  @Test
  void zeroFactorsGiveZeros() {
    LowRankSvd svd = LowRankSvd.of(kernels, 7, 3, 5, new float[21], new float[15]);
    assertThat(svd.singularValues()).containsExactly(0, 0, 0);
    assertThat(svd.truncate(2).vt()).containsOnly(0f);
  }

  @Test
  void veryLargeAndVerySmallFactorsNeitherOverflowNorVanish() {
    Gen gen = Gen.seeded("veryLargeAndVerySmallFactorsNeitherOverflowNorVanish");
    for (float scale : new float[] {1e30f, 1e-30f}) {
      float[] up = gen.gaussians(19 * 3, scale);
      float[] down = gen.gaussians(3 * 17, 1);
      checkAgainstOracle(new Case(19, 3, 17, up, down));
    }
  }

  @Test
  void refusesFactorsThatAreNotNumbers() {
    assertThatThrownBy(
            () -> LowRankSvd.of(kernels, 1, 1, 1, new float[] {Float.NaN}, new float[] {1}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("up");
    assertThatThrownBy(() ->
            LowRankSvd.of(kernels, 1, 1, 1, new float[] {1}, new float[] {Float.POSITIVE_INFINITY}))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("down");
  }

  @Test
  void bothKernelsGiveTheSameBits() {
    Gen gen = Gen.seeded("bothKernelsGiveTheSameBits");
    float[] up = gen.gaussians(67 * 19, 1);
    float[] down = gen.gaussians(19 * 71, 1);
    TruncatedSvd scalar = LowRankSvd.of(new ScalarKernels(), 67, 19, 71, up, down).truncate(9);
    TruncatedSvd vector = LowRankSvd.of(new VectorKernels(), 67, 19, 71, up, down).truncate(9);
    assertThat(vector.u()).containsExactly(scalar.u());
    assertThat(vector.s()).containsExactly(scalar.s());
    assertThat(vector.vt()).containsExactly(scalar.vt());
  }

  /** Values, orthonormal vectors, and that each truncation errs by what Eckart and Young say. */
  private LowRankSvd checkAgainstOracle(Case test) {
    DMatrixRMaj full =
        Float64.product(
            Float64.matrix(test.rows, test.rank, test.up),
            Float64.matrix(test.rank, test.columns, test.down));
    double[] oracle = Float64.singularValues(full);
    LowRankSvd svd = LowRankSvd.of(kernels, test.rows, test.rank, test.columns, test.up, test.down);
    double[] values = svd.singularValues();
    int size = Math.min(test.rank, Math.min(test.rows, test.columns));
    assertThat(values).hasSize(size);
    int significant = 0;
    for (int i = 0; i < size; i++) {
      assertThat(values[i]).isCloseTo(oracle[i], within(1e-13 * oracle[0]));
      significant += values[i] > 1e-12 * oracle[0] ? 1 : 0;
    }
    assertThat(Float64.farFromOrthonormal(svd.truncate(size), significant)).isLessThan(2e-6);
    for (int rank = 1; rank <= size; rank += 1 + rank / 3) {
      double optimum = Math.sqrt(svd.squaredError(rank));
      double error = Float64.distance(full, Float64.product(svd.truncate(rank)));
      double rounding = 2e-7 * oracle[0] * Math.sqrt(rank);
      assertThat(error).isBetween(optimum * (1 - 1e-5), optimum * (1 + 1e-5) + rounding);
      if (optimum > 1e-3 * oracle[0]) {
        assertThat(error).isCloseTo(optimum, within(1e-5 * optimum));
      }
    }
    return svd;
  }

  private record Case(int rows, int rank, int columns, float[] up, float[] down) {}
}
