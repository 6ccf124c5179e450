package athanor.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

/**
 * The generator behind the golden vectors: {@code g(a, b)[i] = (((a·i + b) mod 17) − 8) / 16},
 * exact in fp16, bf16 and fp32, with the two sums by which results are compared.
 */
public final class Golden {
  private Golden() {}

  /** The first {@code count} values of {@code g(a, b)}, row-major. */
  public static float[] g(int a, int b, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (((a * i + b) % 17) - 8) / 16f;
    }
    return values;
  }

  /** Σ xᵢ in float64. */
  public static double sum(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum;
  }

  /** Σ (i + 1)·xᵢ in float64. */
  public static double weightedSum(float[] values) {
    double sum = 0;
    for (int i = 0; i < values.length; i++) {
      sum += (i + 1.0) * values[i];
    }
    return sum;
  }

  /** Compares Σ xᵢ, Σ (i + 1)·xᵢ and the first three values with those computed in float64. */
  public static void assertSums(
      float[] values, double sum, double weighted, double first, double second, double third) {
    assertThat(sum(values)).isCloseTo(sum, within(1e-5));
    assertThat(weightedSum(values)).isCloseTo(weighted, within(1e-4));
    assertThat((double) values[0]).isCloseTo(first, within(1e-7));
    assertThat((double) values[1]).isCloseTo(second, within(1e-7));
    assertThat((double) values[2]).isCloseTo(third, within(1e-7));
  }
}
