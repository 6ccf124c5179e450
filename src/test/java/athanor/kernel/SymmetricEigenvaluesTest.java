package athanor.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.junit.jupiter.api.Test;

class SymmetricEigenvaluesTest {

  @Test
  void equalThoseOfAnotherLibraryForRandomMatricesOfEverySize() {
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("symmetric eigenvalues: -Dseed=" + seed);
    var random = new Random(seed);
    for (int size = 1; size <= 70; size++) {
      double[] matrix = gram(random, size, 1 + random.nextInt(2 * size));
      double[] right = ejml(matrix, size);
      double[] ours = SymmetricEigenvalues.of(matrix.clone(), size);
      for (int i = 0; i < size; i++) {
        assertThat(ours[i]).isCloseTo(right[i], within(1e-12 * size * Math.abs(right[0]) + 1e-300));
      }
    }
  }

  @Test
  void areRightForDiagonalZeroAndTinyMatrices() {
    assertThat(SymmetricEigenvalues.of(new double[0], 0)).isEmpty();
    assertThat(SymmetricEigenvalues.of(new double[] {-3}, 1)).containsExactly(-3);
    assertThat(SymmetricEigenvalues.of(new double[9], 3)).containsExactly(0, 0, 0);
    double[] diagonal = {1e-200, 0, 0, 0, 4, 0, 0, 0, -2};
    assertThat(SymmetricEigenvalues.of(diagonal, 3)).containsExactly(4, 1e-200, -2);
    double[] swapped = {0, 0, 1, 0};
    assertThat(SymmetricEigenvalues.of(swapped, 2))
        .usingComparatorWithPrecision(1e-15)
        .containsExactly(1, -1);
  }

  @Test
  void endInsteadOfRunningForeverOnNaN() {
    double[] matrix = new double[16];
    Arrays.fill(matrix, Double.NaN);
    assertThatThrownBy(() -> SymmetricEigenvalues.of(matrix, 4))
        .isInstanceOf(ArithmeticException.class);
  }

  private static double[] gram(Random random, int size, int inner) {
    double[] factor = new double[size * inner];
    for (int i = 0; i < factor.length; i++) {
      factor[i] = random.nextGaussian() * Math.pow(10, random.nextInt(5) - 2);
    }
    double[] gram = new double[size * size];
    for (int i = 0; i < size; i++) {
      for (int j = 0; j < size; j++) {
        for (int k = 0; k < inner; k++) {
          gram[i * size + j] += factor[i * inner + k] * factor[j * inner + k];
        }
      }
    }
    return gram;
  }

  private static double[] ejml(double[] matrix, int size) {
    var decomposition = DecompositionFactory_DDRM.eig(size, false, true);
    decomposition.decompose(new DMatrixRMaj(size, size, true, matrix.clone()));
    double[] values = new double[size];
    for (int i = 0; i < size; i++) {
      values[i] = -decomposition.getEigenvalue(i).getReal();
    }
    Arrays.sort(values);
    return Arrays.stream(values).map(value -> -value).toArray();
  }
}
