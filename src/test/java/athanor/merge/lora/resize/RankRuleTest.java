package athanor.merge.lora.resize;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.merge.lora.resize.RankRule.Dynamic;
import athanor.merge.lora.resize.RankRule.Fixed;
import athanor.merge.lora.resize.RankRule.Method;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The ranks that kohya's resize_lora.py chooses, from its own code run on known values. */
class RankRuleTest {
  private static final double[] S = {8, 4, 2, 1};

  @ParameterizedTest
  @CsvSource({
    "SV_RATIO, 3, 3",
    "SV_RATIO, 100, 4",
    "SV_RATIO, 1.5, 2",
    "SV_CUMULATIVE, 0.75, 3",
    "SV_CUMULATIVE, 0.2, 2",
    "SV_FRO, 0.9, 3",
    "SV_FRO, 0.5, 2"
  })
  void choosesTheRanksOfTheReference(Method method, double parameter, int rank) {
    assertThat(new Dynamic(method, parameter).rank(S, 4)).isEqualTo(rank);
  }

  @Test
  void keepsTheCapWhenTheRankIsFixed() {
    assertThat(new Fixed().rank(S, 4)).isEqualTo(4);
    assertThat(new Fixed().rank(S, 3)).isEqualTo(3);
    assertThat(new Fixed().rank(S, 9)).isEqualTo(4);
  }

  @Test
  void neverExceedsTheCap() {
    assertThat(new Dynamic(Method.SV_RATIO, 100).rank(S, 1)).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"SV_RATIO, 100", "SV_CUMULATIVE, 0.99", "SV_FRO, 0.99"})
  void keepsOneOfValuesThatAreAllNoise(Method method, double parameter) {
    double[] tiny = {8e-8, 4e-8, 2e-8, 1e-8};
    assertThat(new Dynamic(method, parameter).rank(tiny, 4)).isEqualTo(1);
  }

  @Test
  void keepsAModuleOfRankOne() {
    assertThat(new Dynamic(Method.SV_FRO, 0.9).rank(new double[] {3}, 4)).isEqualTo(1);
  }
}
