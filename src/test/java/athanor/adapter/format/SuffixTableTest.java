package athanor.adapter.format;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SuffixTableTest {

  @ParameterizedTest
  @CsvSource({
    "lora_unet_x_to_q.lora_up.weight, lora_unet_x_to_q, LoRA up, LoRA",
    "lora_unet_x_to_q.lora_down.weight, lora_unet_x_to_q, LoRA down, LoRA",
    "lora_unet_x_conv.lora_mid.weight, lora_unet_x_conv, LoRA mid, LoRA",
    "lora_unet_x_to_q.alpha, lora_unet_x_to_q, module alpha, -",
    "unet.x.to_q.lora_A.weight, unet.x.to_q, LoRA down, LoRA",
    "unet.x.to_q.lora_B.weight, unet.x.to_q, LoRA up, LoRA",
    "unet.x.to_q.lora_A, unet.x.to_q, LoRA down, LoRA",
    "base_model.model.x.to_q.lora_B.default.weight, base_model.model.x.to_q, LoRA up, LoRA",
    "unet.x.to_q.lora_B.bias, unet.x.to_q, LoRA bias, LoRA",
    "unet.x.attn1.processor.to_q_lora.up.weight, unet.x.attn1.processor.to_q, LoRA up, LoRA",
    "x.to_q.lora.down.weight, x.to_q, LoRA down, LoRA",
    "text_encoder.x.q_proj.lora_linear_layer.up.weight, text_encoder.x.q_proj, LoRA up, LoRA",
    "double_blocks.5.processor.qkv_lora1.down.weight, double_blocks.5.processor.qkv_lora1, LoRA"
        + " down, LoRA",
    "lora_unet_x.diff, lora_unet_x, difference weight, full difference",
    "lora_unet_x.diff_b, lora_unet_x, difference bias, full difference",
    "lora_unet_x.w_norm, lora_unet_x, difference weight, norm difference",
    "lora_unet_x.b_norm, lora_unet_x, difference bias, norm difference",
    "lora_unet_x.hada_w1_a, lora_unet_x, LoHa hada_w1_a, LoHa",
    "lora_unet_x.lokr_w2_b, lora_unet_x, LoKr lokr_w2_b, LoKr",
    "lora_unet_x.dora_scale, lora_unet_x, DoRA dora_scale, DoRA",
    "x.lora_magnitude_vector.default.weight, x, DoRA lora_magnitude_vector, DoRA",
    "lora_unet_x.oft_blocks, lora_unet_x, OFT blocks, OFT",
    "lora_unet_x.a1.weight, lora_unet_x, GLoRA a1, GLoRA",
    "lora_unet_x.on_input, lora_unet_x, IA3 on_input, IA3",
    "unet:12:up, unet:12, first LoRA format of cloneofsimo up, first LoRA format of cloneofsimo",
    "text_encoder:0:down, text_encoder:0, first LoRA format of cloneofsimo down, first LoRA format"
        + " of cloneofsimo",
    "base_model.model.x.delora_lambda, base_model.model.x, DeLoRA delora_lambda, DeLoRA",
    "base_model.model.x.lora_E, base_model.model.x, AdaLoRA lora_E, AdaLoRA",
    "base_model.model.x.shira_weight, base_model.model.x, SHiRA shira_weight, SHiRA",
    "lora_unet_x.oft_diag, lora_unet_x, OFT of early LyCORIS (oft_diag) oft_diag, OFT of early"
        + " LyCORIS (oft_diag)",
    "lora_unet_x.oft_R.clipped_oft, lora_unet_x, OFTv2 with clipped norms or matrix exponentials"
        + " oft_R.clipped_oft, OFTv2 with clipped norms or matrix exponentials",
  })
  void cutsAKeyIntoModuleAndPart(String key, String module, String part, String format) {
    SuffixTable.Claim claim = AdapterFormats.suffixes().claims(key).getFirst();
    assertThat(claim.module()).isEqualTo(module);
    assertThat(claim.suffix().part()).hasToString(part);
    assertThat(claim.format().map(AdapterFormat::label).orElse("-")).isEqualTo(format);
  }

  @Test
  void formatsThatShareASuffixAllClaimIt() {
    assertThat(AdapterFormats.suffixes().claims("x.oft_blocks"))
        .extracting(claim -> claim.format().orElseThrow().label())
        .containsExactly("OFT", "BOFT");
  }

  @Test
  void aSuffixThatMeansNothingAloneIsNoClaim() {
    assertThat(AdapterFormats.suffixes().claims("x.weight")).isEmpty();
    assertThat(AdapterFormats.suffixes().besides("x.weight"))
        .extracting(claim -> claim.module() + " " + claim.suffix().part())
        .containsExactly("x IA3 weight");
  }

  /** A second format with the same words for a part would hide its tensors. */
  @Test
  void theFormatsOfOnePartAreOneFamily() {
    java.util.Map<Part, java.util.Set<String>> labels = new java.util.HashMap<>();
    for (AdapterFormat format : AdapterFormats.ALL) {
      for (Suffix suffix : format.suffixes()) {
        labels
            .computeIfAbsent(suffix.part(), part -> new java.util.TreeSet<>())
            .add(format.label());
      }
    }
    labels.values().removeIf(names -> names.size() == 1);
    assertThat(labels.values())
        .allSatisfy(names ->
            assertThat(names)
                .isIn(
                    java.util.Set.of("OFT", "BOFT"),
                    java.util.Set.of("full difference", "norm difference")));
  }

  @Test
  void doesNotMistakeAModuleThatContainsTheWordAlpha() {
    assertThat(AdapterFormats.partOf("lora_unet_alphabet_proj.lora_up.weight")).hasValue(Lora.UP);
  }

  @Test
  void partsOfOneFormatKeepTheirOwnNames() {
    assertThat(AdapterFormats.partOf("x.randlora_gamma"))
        .isNotEqualTo(AdapterFormats.partOf("x.randlora_lambda"));
  }

  @Test
  void knowsNoAdapterInACheckpointKey() {
    assertThat(AdapterFormats.partOf("model.road_ahead.weight")).isEmpty();
    assertThat(AdapterFormats.partOf("up")).isEmpty();
    assertThat(AdapterFormats.partOf("model.diffusion_model.out.2.weight")).isEmpty();
    assertThat(AdapterFormats.partOf("cond_stage_model.model.logit_scale")).isEmpty();
  }
}
