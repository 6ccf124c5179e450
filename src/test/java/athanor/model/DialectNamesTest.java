package athanor.model;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.model.naming.Dialect;
import athanor.testkit.Known;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The names that modules have in each dialect, against those that LoRAs are understood by. */
class DialectNamesTest {
  private static TargetIndex index(Architecture architecture) {
    return TargetIndex.ofReference(architecture).orElseThrow();
  }

  static Stream<Architecture> mergeable() {
    return Architectures.all().stream()
        .filter(architecture -> TargetIndex.ofReference(architecture).isPresent());
  }

  @ParameterizedTest
  @MethodSource("mergeable")
  void everyNameMeansItsModuleAndNoOther(Architecture architecture) {
    TargetIndex index = index(architecture);
    for (Dialect dialect : Dialect.values()) {
      Map<String, Target> byName = new HashMap<>();
      for (Target target : index.targets()) {
        target
            .names()
            .in(dialect)
            .ifPresent(name -> {
              assertThat(index.find(name)).as(dialect + " " + name).contains(target);
              assertThat(byName.put(name, target)).as(dialect + " " + name).isNull();
            });
      }
    }
  }

  @Test
  void someArchitecturesAreLookedAt() {
    assertThat(mergeable()).hasSizeGreaterThan(30);
  }

  @ParameterizedTest
  @CsvSource({
    "sd1, model.diffusion_model.input_blocks.4.1.proj_in, COMFY,"
        + " diffusion_model.input_blocks.4.1.proj_in",
    "sd1, model.diffusion_model.input_blocks.4.1.proj_in, ONETRAINER,"
        + " lora_unet_down_blocks_1_attentions_0_proj_in",
    "sd1, lora_te_text_model_encoder_layers_0_mlp_fc1, COMFY,"
        + " text_encoders.clip_l.transformer.text_model.encoder.layers.0.mlp.fc1",
    "sdxl, lora_te2_text_model_encoder_layers_3_self_attn_k_proj, COMFY,"
        + " text_encoders.clip_g.transformer.text_model.encoder.layers.3.self_attn.k_proj",
    "sdxl, lora_te2_text_model_encoder_layers_3_self_attn_k_proj, ONETRAINER,"
        + " lora_te2_text_model_encoder_layers_3_self_attn_k_proj",
    "flux-1, double_blocks.0.img_attn.qkv, COMFY, diffusion_model.double_blocks.0.img_attn.qkv",
    "flux-1, transformer_blocks.0.attn.to_q, ONETRAINER,"
        + " lora_transformer_transformer_blocks_0_attn_to_q",
    "flux-1, transformer_blocks.0.attn.to_q, AI_TOOLKIT, transformer.transformer_blocks.0.attn.to_q",
    "chroma, double_blocks.0.img_attn.qkv, AI_TOOLKIT,"
        + " diffusion_model.double_blocks.0.img_attn.qkv",
    "z-image, layers.0.attention.to_q, AI_TOOLKIT, diffusion_model.layers.0.attention.to_q",
    "z-image, layers.0.attention.to_q, ONETRAINER, transformer.layers.0.attention.to_q",
    "wan-14b, blocks.0.self_attn.q, AI_TOOLKIT, diffusion_model.blocks.0.self_attn.q",
    "hunyuan-video, double_blocks.0.img_attn_qkv, COMFY,"
        + " diffusion_model.double_blocks.0.img_attn.qkv"
  })
  void namesAreThoseOfTheProgram(String id, String module, Dialect dialect, String name) {
    Target target = index(Known.of(id)).find(module).orElseThrow();
    assertThat(target.names().in(dialect)).contains(name);
  }

  @ParameterizedTest
  @CsvSource({
    "flux-1, double_blocks.0.img_attn.qkv, DIFFUSERS",
    "flux-1, double_blocks.0.img_attn.qkv, ONETRAINER",
    "flux-1, transformer_blocks.0.attn.to_q, KOHYA",
    "flux-1, transformer_blocks.0.attn.to_q, COMFY",
    "sd1, lora_unet_mid_block_attentions_0_proj_in, AI_TOOLKIT",
    "sd2, cond_stage_model.model.transformer.resblocks.0.attn.in_proj, DIFFUSERS",
    "hunyuan-video, double_blocks.0.img_attn_qkv, ONETRAINER"
  })
  void whatADialectHasNoNameForHasNone(String id, String module, Dialect dialect) {
    Target target = index(Known.of(id)).find(module).orElseThrow();
    assertThat(target.names().in(dialect)).isEmpty();
    assertThat(target.kohyaName()).as("what stands in").isNotEmpty();
  }
}
