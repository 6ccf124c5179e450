package athanor.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.testkit.Gen;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code C += A·B} of both kernels against its definition, element by element. */
class ProductTest {
  static Stream<Kernels> kernels() {
    return Stream.of(new ScalarKernels(), new VectorKernels());
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void sumsFusedProductsInOrderAndAddsThemOnce(Kernels kernels) {
    Gen gen = Gen.seeded("sumsFusedProductsInOrderAndAddsThemOnce");
    for (int round = 0; round < 60; round++) {
      int m = gen.oneOf(1, 2, 3, 4, 5, 7, 11, 64, gen.between(1, 40));
      int k = gen.oneOf(0, 1, 2, 3, 16, 31, 128, gen.between(1, 70));
      int n = gen.oneOf(1, 3, 4, 15, 16, 23, 64, 67, 127, 193, gen.between(1, 300));
      Shape3 shape = new Shape3(m, k, n, gen.between(0, 5), gen.between(0, 5), gen.between(0, 5));
      float[] a = gen.gaussians(shape.aSize(), 1);
      float[] b = gen.gaussians(shape.bSize(), 1);
      float[] c = gen.gaussians(shape.cSize(), 1);
      float[] expected = byDefinition(shape, a, b, c);
      PackedMatrix packed = kernels.pack(k, n, b, 3, n + shape.bGap);
      kernels.multiplyAdd(m, a, 1, k + shape.aGap, packed, c, 2, n + shape.cGap);
      assertThat(c).as(shape.toString()).containsExactly(expected);
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void splittingRowsChangesNothing(Kernels kernels) {
    Gen gen = Gen.seeded("splittingRowsChangesNothing");
    int m = 61;
    int k = 37;
    int n = 101;
    float[] a = gen.gaussians(m * k, 1);
    PackedMatrix b = kernels.pack(k, n, gen.gaussians(k * n, 1), 0, n);
    float[] whole = new float[m * n];
    kernels.multiplyAdd(m, a, 0, k, b, whole, 0, n);
    float[] parts = new float[m * n];
    for (int row = 0; row < m; ) {
      int rows = Math.min(gen.between(1, 9), m - row);
      kernels.multiplyAdd(rows, a, row * k, k, b, parts, row * n, n);
      row += rows;
    }
    assertThat(parts).containsExactly(whole);
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void infinityNaNAndNegativeZeroBehaveAsInTheDefinition(Kernels kernels) {
    float[] special = {
      0f,
      -0f,
      1f,
      -1f,
      Float.MIN_VALUE,
      -Float.MIN_VALUE,
      Float.MAX_VALUE,
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY,
      Float.NaN
    };
    int size = special.length;
    float[] b = Arrays.copyOf(special, 7 * size);
    for (int column = 0; column < 7 * size; column++) {
      b[column] = special[column % size];
    }
    Shape3 shape = new Shape3(size, 1, 7 * size, 0, 0, 0);
    float[] a = new float[shape.aSize()];
    System.arraycopy(special, 0, a, 1, size);
    float[] bShifted = new float[shape.bSize()];
    System.arraycopy(b, 0, bShifted, 3, b.length);
    float[] c = new float[shape.cSize()];
    Arrays.fill(c, -0f);
    float[] expected = byDefinition(shape, a, bShifted, c);
    kernels.multiplyAdd(size, a, 1, 1, kernels.pack(1, b.length, b, 0, b.length), c, 2, b.length);
    assertThat(c).containsExactly(expected);
  }

  @Test
  void refusesAMatrixPackedByTheOtherKernels() {
    PackedMatrix packed = new ScalarKernels().pack(1, 1, new float[1], 0, 1);
    assertThatThrownBy(() ->
            new VectorKernels().multiplyAdd(1, new float[1], 0, 1, packed, new float[1], 0, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("panel width");
  }

  @Test
  void aPackedMatrixKnowsItsSize() {
    PackedMatrix packed = new ScalarKernels().pack(3, 5, new float[15], 0, 5);
    assertThat(packed.rows()).isEqualTo(3);
    assertThat(packed.columns()).isEqualTo(5);
    assertThat(packed.byteSize()).isEqualTo(3 * 8 * 4);
  }

  private static float[] byDefinition(Shape3 shape, float[] a, float[] b, float[] c) {
    float[] result = c.clone();
    for (int i = 0; i < shape.m; i++) {
      for (int j = 0; j < shape.n; j++) {
        float sum = 0;
        for (int p = 0; p < shape.k; p++) {
          float left = a[1 + i * (shape.k + shape.aGap) + p];
          sum = Math.fma(left, b[3 + p * (shape.n + shape.bGap) + j], sum);
        }
        result[2 + i * (shape.n + shape.cGap) + j] += sum;
      }
    }
    return result;
  }

  /** Dimensions, and unused elements between rows. */
  private record Shape3(int m, int k, int n, int aGap, int bGap, int cGap) {
    int aSize() {
      return 1 + m * (k + aGap);
    }

    int bSize() {
      return 3 + k * (n + bGap);
    }

    int cSize() {
      return 2 + m * (n + cGap);
    }
  }
}
