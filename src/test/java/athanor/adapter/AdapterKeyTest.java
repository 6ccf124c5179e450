package athanor.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdapterKeyTest {

  @ParameterizedTest
  @CsvSource({
    "lora_unet_x_to_q.lora_up.weight, lora_unet_x_to_q, UP, LORA",
    "lora_unet_x_to_q.lora_down.weight, lora_unet_x_to_q, DOWN, LORA",
    "lora_unet_x_conv.lora_mid.weight, lora_unet_x_conv, MID, LORA",
    "lora_unet_x_to_q.alpha, lora_unet_x_to_q, ALPHA, LORA",
    "unet.x.to_q.lora_A.weight, unet.x.to_q, DOWN, LORA",
    "unet.x.to_q.lora_B.weight, unet.x.to_q, UP, LORA",
    "unet.x.to_q.lora_A, unet.x.to_q, DOWN, LORA",
    "base_model.model.x.to_q.lora_B.default.weight, base_model.model.x.to_q, UP, LORA",
    "unet.x.to_q.lora_B.bias, unet.x.to_q, BIAS, LORA",
    "unet.x.attn1.processor.to_q_lora.up.weight, unet.x.attn1.processor.to_q, UP, LORA",
    "x.to_q.lora.down.weight, x.to_q, DOWN, LORA",
    "text_encoder.x.q_proj.lora_linear_layer.up.weight, text_encoder.x.q_proj, UP, LORA",
    "double_blocks.5.processor.qkv_lora1.down.weight, double_blocks.5.processor.qkv_lora1, DOWN, LORA",
    "lora_unet_x.diff, lora_unet_x, DIFF, FULL",
    "lora_unet_x.diff_b, lora_unet_x, DIFF_BIAS, FULL",
    "lora_unet_x.w_norm, lora_unet_x, DIFF, NORM",
    "lora_unet_x.b_norm, lora_unet_x, DIFF_BIAS, NORM",
    "lora_unet_x.hada_w1_a, lora_unet_x, OTHER, LOHA",
    "lora_unet_x.lokr_w2_b, lora_unet_x, OTHER, LOKR",
    "lora_unet_x.dora_scale, lora_unet_x, OTHER, DORA",
    "x.lora_magnitude_vector.default.weight, x, OTHER, DORA",
    "lora_unet_x.oft_blocks, lora_unet_x, OTHER, OFT",
    "lora_unet_x.a1.weight, lora_unet_x, OTHER, GLORA",
    "lora_unet_x.on_input, lora_unet_x, OTHER, IA3",
  })
  void cutsAKeyIntoModuleAndRole(String key, String module, Role role, Format format) {
    assertThat(AdapterKey.parse(key)).hasValue(new AdapterKey(module, role, format));
  }

  @Test
  void doesNotMistakeAModuleThatContainsTheWordAlpha() {
    assertThat(AdapterKey.parse("lora_unet_alphabet_proj.lora_up.weight"))
        .hasValueSatisfying(key -> assertThat(key.role()).isEqualTo(Role.UP));
  }

  @Test
  void knowsNoAdapterInACheckpointKey() {
    assertThat(AdapterKey.parse("model.diffusion_model.out.2.weight")).isEmpty();
    assertThat(AdapterKey.parse("cond_stage_model.model.logit_scale")).isEmpty();
  }
}
