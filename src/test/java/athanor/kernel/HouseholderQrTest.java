package athanor.kernel;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.testkit.Gen;
import org.junit.jupiter.api.Test;

/** {@code A = Q·R}, Q orthonormal, for tall, square, wide and deficient matrices. */
class HouseholderQrTest {
  private final Kernels kernels = Kernels.create();

  @Test
  void multipliesBackToTheMatrix() {
    Gen gen = Gen.seeded("multipliesBackToTheMatrix");
    int[][] shapes = {{1, 1}, {7, 3}, {31, 31}, {5, 23}, {127, 13}};
    for (int[] shape : shapes) {
      check(shape[0], shape[1], random(gen, shape[0] * shape[1]));
    }
  }

  @Test
  void acceptsZeroAndRepeatedColumns() {
    double[] matrix = random(Gen.fixed(5), 17 * 6);
    java.util.Arrays.fill(matrix, 17, 2 * 17, 0);
    System.arraycopy(matrix, 0, matrix, 3 * 17, 17);
    check(17, 6, matrix);
    check(4, 3, new double[12]);
  }

  private void check(int rows, int columns, double[] matrix) {
    HouseholderQr qr = HouseholderQr.of(kernels, matrix.clone(), rows, columns);
    assertThat(qr.size()).isEqualTo(Math.min(rows, columns));
    double[] r = new double[qr.size() * columns];
    for (int column = 0; column < columns; column++) {
      for (int row = 0; row < qr.size(); row++) {
        r[column * qr.size() + row] = qr.r(row, column);
      }
    }
    double[] product = qr.timesQ(r, columns);
    for (int i = 0; i < matrix.length; i++) {
      assertThat(product[i]).isCloseTo(matrix[i], org.assertj.core.data.Offset.offset(1e-13));
    }
    double[] q = qr.q();
    for (int i = 0; i < qr.size(); i++) {
      for (int j = 0; j < qr.size(); j++) {
        double dot = kernels.dot(q, i * rows, q, j * rows, rows);
        double wanted = i == j ? 1 : 0;
        assertThat(dot).isCloseTo(wanted, org.assertj.core.data.Offset.offset(1e-13));
      }
    }
  }

  private static double[] random(Gen gen, int count) {
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = gen.gaussian(1);
    }
    return values;
  }
}
