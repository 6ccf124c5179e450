package athanor.merge.plan;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.model.Architecture;
import athanor.model.TargetIndex;
import athanor.testkit.Known;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.DoubleStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.converter.ConvertWith;
import org.junit.jupiter.params.provider.CsvSource;

/** Every slot of every layout scales the modules it should, in every spelling. */
class DeltaWeightsTest {
  private static final Map<Architecture, TargetIndex> INDEXES = new HashMap<>();
  private static final double RATIO = 0.5;
  private static final double TEXT_RATIO = 4;

  private static TargetIndex index(Architecture architecture) {
    return INDEXES.computeIfAbsent(architecture, a -> TargetIndex.ofReference(a).orElseThrow());
  }

  /** Slot n has the weight n + 1; a layout's slots are counted in its own order. */
  private static DeltaWeights counted(int length, double elsewhere) {
    List<Double> values = DoubleStream.iterate(1, w -> w + 1).limit(length).boxed().toList();
    return DeltaWeights.of(
        new Strength(
            RATIO,
            Optional.of(TEXT_RATIO),
            Optional.of(new BlockList(Optional.empty(), values, elsewhere)),
            List.of(),
            List.of()));
  }

  private static void assertFactor(
      Architecture architecture, int length, String module, double weight) {
    DeltaWeights weights = counted(length, BlockList.PROMPT);
    assertThat(weights.factor(index(architecture).find(module).orElseThrow()))
        .as(module)
        .isEqualTo(RATIO * weight);
  }

  @ParameterizedTest
  @CsvSource({
    "down_blocks_0_attentions_0, 2",
    "down_blocks_0_attentions_1, 3",
    "down_blocks_1_attentions_0, 4",
    "down_blocks_1_attentions_1, 5",
    "down_blocks_2_attentions_0, 6",
    "down_blocks_2_attentions_1, 7",
    "mid_block_attentions_0, 8",
    "up_blocks_1_attentions_0, 9",
    "up_blocks_1_attentions_1, 10",
    "up_blocks_1_attentions_2, 11",
    "up_blocks_2_attentions_0, 12",
    "up_blocks_2_attentions_1, 13",
    "up_blocks_2_attentions_2, 14",
    "up_blocks_3_attentions_0, 15",
    "up_blocks_3_attentions_1, 16",
    "up_blocks_3_attentions_2, 17",
  })
  void theSeventeenSlotsOfSd1RuleTheAttentionsOfHuggingFacesNames(String block, double weight) {
    String module = "lora_unet_" + block + "_transformer_blocks_0_attn1_to_q";
    assertFactor(Known.SD1, 17, module, weight);
    assertFactor(Known.SD2, 17, module, weight);
  }

  @ParameterizedTest
  @CsvSource({
    "lora_unet_conv_in, 2",
    "lora_unet_down_blocks_0_resnets_0_conv1, 3",
    "lora_unet_down_blocks_0_resnets_1_conv1, 4",
    "lora_unet_down_blocks_0_downsamplers_0_conv, 5",
    "lora_unet_down_blocks_1_resnets_0_conv2, 6",
    "lora_unet_down_blocks_1_resnets_1_conv2, 7",
    "lora_unet_down_blocks_1_downsamplers_0_conv, 8",
    "lora_unet_down_blocks_2_resnets_0_conv1, 9",
    "lora_unet_down_blocks_2_resnets_1_conv1, 10",
    "lora_unet_down_blocks_2_downsamplers_0_conv, 11",
    "lora_unet_down_blocks_3_resnets_0_conv1, 12",
    "lora_unet_down_blocks_3_resnets_1_conv1, 13",
    "lora_unet_mid_block_resnets_1_conv1, 14",
    "lora_unet_up_blocks_0_resnets_0_conv1, 15",
    "lora_unet_up_blocks_0_resnets_1_conv1, 16",
    "lora_unet_up_blocks_0_resnets_2_conv1, 17",
    "lora_unet_up_blocks_0_upsamplers_0_conv, 17",
    "lora_unet_up_blocks_1_resnets_0_conv1, 18",
    "lora_unet_up_blocks_1_upsamplers_0_conv, 20",
    "lora_unet_up_blocks_2_upsamplers_0_conv, 23",
    "lora_unet_up_blocks_3_resnets_2_conv1, 26",
  })
  void theTwentySixSlotsOfSd1RuleTheConvolutionsToo(String module, double weight) {
    assertFactor(Known.SD1, 26, module, weight);
  }

  @ParameterizedTest
  @CsvSource({
    "input_blocks_4_1, down_blocks_1_attentions_0, 2, 6",
    "input_blocks_5_1, down_blocks_1_attentions_1, 3, 7",
    "input_blocks_7_1, down_blocks_2_attentions_0, 4, 9",
    "input_blocks_8_1, down_blocks_2_attentions_1, 5, 10",
    "middle_block_1, mid_block_attentions_0, 6, 11",
    "output_blocks_0_1, up_blocks_0_attentions_0, 7, 12",
    "output_blocks_1_1, up_blocks_0_attentions_1, 8, 13",
    "output_blocks_2_1, up_blocks_0_attentions_2, 9, 14",
    "output_blocks_3_1, up_blocks_1_attentions_0, 10, 15",
    "output_blocks_4_1, up_blocks_1_attentions_1, 11, 16",
    "output_blocks_5_1, up_blocks_1_attentions_2, 12, 17",
  })
  void theSlotsOfSdxlRuleBothSpellings(
      String stability, String diffusers, double ofTwelve, double ofTwenty) {
    String end = "_transformer_blocks_0_attn1_to_q";
    String dotted =
        "unet."
            + diffusers.replaceAll("_(\\d)", ".$1").replace("_attentions", ".attentions")
            + ".transformer_blocks.0.attn1.to_q";
    for (String module :
        List.of("lora_unet_" + stability + end, "lora_unet_" + diffusers + end, dotted)) {
      assertFactor(Known.SDXL, 12, module, ofTwelve);
      assertFactor(Known.SDXL, 20, module, ofTwenty);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "lora_unet_input_blocks_0_0, 2",
    "lora_unet_time_embed_0, 2",
    "lora_unet_label_emb_0_0, 2",
    "lora_unet_input_blocks_1_0_in_layers_2, 3",
    "lora_unet_input_blocks_3_0_op, 5",
    "lora_unet_down_blocks_1_downsamplers_0_conv, 8",
    "lora_unet_output_blocks_8_0_out_layers_3, 20",
  })
  void theTwentySlotsOfSdxlRuleTheConvolutionsToo(String module, double weight) {
    assertFactor(Known.SDXL, 20, module, weight);
  }

  @ParameterizedTest
  @CsvSource({
    "SD1, 17, lora_te_text_model_encoder_layers_0_self_attn_q_proj",
    "SD1, 26, lora_te_text_model_encoder_layers_11_mlp_fc2",
    "SDXL, 12, lora_te1_text_model_encoder_layers_3_mlp_fc1",
    "SDXL, 20, lora_te2_text_model_encoder_layers_31_self_attn_v_proj",
    "SDXL, 12, lora_te2_text_projection",
    "SD2, 17, lora_te_text_model_encoder_layers_0_self_attn_k_proj",
  })
  void baseAndTheTextRatioRuleTheTextEncoders(
      @ConvertWith(Known.FromId.class) Architecture architecture, int length, String module) {
    DeltaWeights weights = counted(length, BlockList.PROMPT);
    assertThat(weights.factor(index(architecture).find(module).orElseThrow()))
        .isEqualTo(TEXT_RATIO);
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "1, 0.5"})
  void blocksNotNamedGetWhatTheSpellingMeans(double elsewhere, double factor) {
    var conv = index(Known.SD1).find("lora_unet_down_blocks_0_downsamplers_0_conv");
    assertThat(counted(17, elsewhere).factor(conv.orElseThrow())).isEqualTo(factor);
  }
}
