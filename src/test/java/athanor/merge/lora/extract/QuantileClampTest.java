package athanor.merge.lora.extract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class QuantileClampTest {
  @Test
  void interpolatesTheQuantileOfSignedValues() {
    float[] values = {-3, -1, 0, 1, 2, 5, 4, 7};
    assertThat(QuantileClamp.quantile(values, 0.99)).isEqualTo(6.86, within(1e-9));
  }

  @Test
  void clampsLargeNegativeValuesEvenAtQuantileOne() {
    float[] up = {-9, 2};
    float[] down = {1, 3};
    QuantileClamp.apply(up, down, 1);
    assertThat(up).containsExactly(-3, 2);
    assertThat(down).containsExactly(1, 3);
  }
}
