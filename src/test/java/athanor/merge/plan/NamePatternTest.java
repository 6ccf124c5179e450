package athanor.merge.plan;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.model.Target;
import athanor.model.TargetIndex;
import athanor.testkit.Known;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NamePatternTest {
  private static final String MODULE =
      "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q";
  private static final Target TARGET =
      TargetIndex.ofReference(Known.SD1).orElseThrow().find(MODULE).orElseThrow();

  @ParameterizedTest
  @CsvSource({
    "attn1, true",
    "attn2, false",
    "attn1_to_q, true",
    "attn1.to_q, true",
    "ATTN1.TO_Q, true",
    "input_blocks.1., true",
    "down_blocks.0, true",
    "unet, true",
    "*.to_q, true",
    "*.to_k, false",
    "*_to_?, true",
    "lora_unet_down_blocks_0_*, true",
    "down_blocks_0_*, false",
    "*.attn1.to_q.weight, true",
    "model.diffusion_model.*, true",
    "a.tn1, false",
  })
  void fitsAPartOfANameOrAsAGlobTheWhole(String pattern, boolean fits) {
    assertThat(new NamePattern(pattern).fits(MODULE, TARGET)).isEqualTo(fits);
  }
}
