package athanor.model;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.model.KeyTable.KohyaModule;
import athanor.testkit.Known;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.converter.ConvertWith;
import org.junit.jupiter.params.provider.CsvSource;

class LoraArchitecturesTest {
  private static final Map<String, String> NO_METADATA = Map.of();

  private static List<ModuleDims> kohya(String table, Predicate<String> name) {
    return KeyTable.kohyaModules(table).stream()
        .filter(module -> name.test(module.name()))
        .map(KohyaModule::dims)
        .toList();
  }

  private static LoraArchitecture detect(List<ModuleDims> modules) {
    return LoraArchitectures.detect(modules, NO_METADATA);
  }

  private static void assertCertain(LoraArchitecture found, Architecture expected) {
    assertThat(found)
        .isInstanceOfSatisfying(
            LoraArchitecture.Certain.class,
            certain -> assertThat(certain.architecture()).isEqualTo(expected));
  }

  private static ModuleDims module(String name, long in, long out) {
    return new ModuleDims(name, in, out);
  }

  @ParameterizedTest
  @CsvSource({"sd1, SD1, 768", "sd2, SD2, 1024", "sdxl, SDXL, 2048"})
  void readsTheWidthOfTheTextEmbeddingOffCrossAttention(
      String table, @ConvertWith(Known.FromId.class) Architecture architecture, long width) {
    assertThat(detect(kohya(table, name -> true)))
        .isEqualTo(
            new LoraArchitecture.Certain(architecture, "attn2.to_k has " + width + " inputs"));
  }

  @ParameterizedTest
  @CsvSource({"sd1, SD1", "sd2, SD2", "sdxl, SDXL"})
  void knowsUnetPartsInDiffusersNames(
      String table, @ConvertWith(Known.FromId.class) Architecture architecture) {
    TargetIndex index = TargetIndex.ofReference(architecture).orElseThrow();
    List<ModuleDims> modules =
        KeyTable.kohyaModules(table).stream()
            .filter(module -> module.name().startsWith("lora_unet_"))
            .map(m -> module(index.find(m.name()).orElseThrow().diffusersName(), m.in(), m.out()))
            .toList();

    assertCertain(detect(modules), architecture);
  }

  @Test
  void tensorsWinOverMetadata() {
    var found =
        LoraArchitectures.detect(
            kohya("sd1", name -> true), Map.of("ss_base_model_version", "sdxl_base_v1-0"));

    assertCertain(found, Known.SD1);
  }

  @Test
  void knowsSdxlWithoutCrossAttention() {
    assertCertain(detect(kohya("sdxl", name -> name.contains("attn1"))), Known.SDXL);
    assertCertain(
        detect(List.of(module("unet.up_blocks.0.attentions.0.proj_in", 1280, 1280))), Known.SDXL);
    assertCertain(
        detect(
            List.of(
                module("lora_unet_input_blocks_4_1_transformer_blocks_1_attn1_to_q", 640, 640))),
        Known.SDXL);
    assertCertain(
        detect(
            List.of(
                module("lora_unet_mid_block_resnets_0_conv1", 1280, 1280),
                module("lora_te2_text_model_encoder_layers_0_mlp_fc1", 1280, 5120))),
        Known.SDXL);
  }

  @Test
  void knowsTheRefiner() {
    assertCertain(
        detect(
            List.of(
                module("lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k", 1280, 768))),
        Known.SDXL_REFINER);
    assertCertain(
        detect(
            List.of(
                module("lora_unet_input_blocks_7_1_transformer_blocks_1_attn1_to_k", 1536, 1536))),
        Known.SDXL_REFINER);
  }

  @Test
  void leavesSd1AndSd2OpenWhereTheyAreAlike() {
    var selfAttention = List.of(module("lora_unet_down_blocks_0_attentions_0_proj_in", 320, 320));

    assertThat(detect(selfAttention))
        .isInstanceOfSatisfying(
            LoraArchitecture.OneOf.class,
            open -> assertThat(open.candidates()).containsExactly(Known.SD1, Known.SD2));
    assertCertain(LoraArchitectures.detect(selfAttention, Map.of("ss_v2", "True")), Known.SD2);
    assertCertain(
        detect(
            List.of(
                selfAttention.getFirst(),
                module("lora_te_text_model_encoder_layers_0_mlp_fc1", 1024, 4096))),
        Known.SD2);
  }

  @Test
  void decidesTextEncoderPartsByPrefixAndWidth() {
    assertCertain(detect(kohya("sd1", name -> name.startsWith("lora_te_"))), Known.SD1);
    assertCertain(detect(kohya("sd2", name -> name.startsWith("lora_te_"))), Known.SD2);
  }

  @Test
  void asksMetadataAboutTextEncoderPartsThatManyShare() {
    var first = kohya("sdxl", name -> name.startsWith("lora_te1_"));

    assertThat(detect(first)).isInstanceOf(LoraArchitecture.OneOf.class);
    assertCertain(
        LoraArchitectures.detect(first, Map.of("ss_base_model_version", "sdxl_")), Known.SDXL);
    assertCertain(
        LoraArchitectures.detect(first, Map.of("modelspec.architecture", "flux-1-dev/lora")),
        Known.FLUX_1);
    assertThat(LoraArchitectures.detect(first, Map.of("ss_base_model_version", "sd_v1")))
        .as("metadata that the tensors rule out")
        .isInstanceOf(LoraArchitecture.OneOf.class);
  }

  @ParameterizedTest
  @CsvSource({
    "FLUX_1, lora_unet_double_blocks_0_img_attn_qkv, 3072, 9216",
    "FLUX_1, transformer.single_transformer_blocks.0.attn.to_q, 3072, 3072",
    "FLUX_1, double_blocks.5.processor.proj_lora2, 3072, 3072",
    "FLUX_2_DEV, diffusion_model.double_blocks.0.img_attn.qkv, 6144, 18432",
    "FLUX_2_KLEIN_4B, lora_unet_single_blocks_0_linear1, 3072, 27648",
    "FLUX_2_KLEIN_4B, transformer.single_transformer_blocks.0.attn.to_qkv_mlp_proj, 3072, 27648",
    "SD3, lora_unet_joint_blocks_7_context_block_attn_qkv, 1536, 4608",
    "SD3, transformer.transformer_blocks.0.attn.add_q_proj, 1536, 1536",
    "QWEN_IMAGE, transformer_blocks.0.img_mlp.net.0.proj, 3072, 12288",
    "QWEN_IMAGE, transformer.transformer_blocks.0.txt_mod.1, 3072, 18432",
    "HUNYUAN_VIDEO, diffusion_model.txt_in.individual_token_refiner.blocks.0.mlp.fc1, 1, 1",
    "ANIMA, lora_unet_blocks_0_self_attn_q_proj, 2048, 2048",
    "WAN_14B, diffusion_model.blocks.0.self_attn.q, 5120, 5120",
    "WAN_14B, lora_unet__blocks_0_cross_attn_k, 5120, 5120",
    "Z_IMAGE, diffusion_model.layers.3.attention.to_k, 3840, 3840",
    "LUMINA_2, lora_unet_layers_0_attention_qkv, 2304, 3840",
    "AURAFLOW, transformer.joint_transformer_blocks.0.attn.to_q, 3072, 3072",
    "PIXART, transformer.transformer_blocks.0.attn1.to_q, 1152, 1152",
    "STABLE_CASCADE, lora_prior_unet_down_blocks_0_1_kv_mapper, 2048, 2048",
  })
  void knowsTransformerLoras(
      @ConvertWith(Known.FromId.class) Architecture architecture, String name, long in, long out) {
    LoraArchitecture found = detect(List.of(module(name, in, out)));

    assertCertain(found, architecture);
    assertThat(found.evidence()).contains(name);
  }

  @Test
  void tellsChromaFromFluxByMetadataOnly() {
    var modules = List.of(module("lora_unet_double_blocks_0_img_attn_qkv", 3072, 9216));

    assertCertain(
        LoraArchitectures.detect(modules, Map.of("ss_base_model_version", "chroma")), Known.CHROMA);
  }

  @Test
  void tellsModelsWithTheSameModulesByMetadata() {
    var modules = List.of(module("lora_unet_joint_blocks_0_x_block_attn_qkv", 1536, 4608));

    assertCertain(detect(modules), Known.SD3);
    assertCertain(
        LoraArchitectures.detect(
            modules, Map.of("modelspec.architecture", "stable-diffusion-3.5-medium/lora")),
        Known.of("sd3.5-medium"));
    assertCertain(
        LoraArchitectures.detect(
            modules, Map.of("modelspec.architecture", "stable-diffusion-3.5-large/lora")),
        Known.SD3);
  }

  @Test
  void mixedWidthsTellNothing() {
    var mixed =
        List.of(
            module("unet.mid_block.attentions.0.transformer_blocks.0.attn2.to_k", 768, 1280),
            module("unet.up_blocks.1.attentions.0.transformer_blocks.0.attn2.to_k", 2048, 1280));

    assertThat(detect(mixed)).isInstanceOf(LoraArchitecture.Undetermined.class);
  }

  @Test
  void fallsBackToMetadataForUnknownNames() {
    var unknown = List.of(module("something.else", 4, 4));

    assertThat(detect(unknown)).isInstanceOf(LoraArchitecture.Undetermined.class);
    assertCertain(
        LoraArchitectures.detect(unknown, Map.of("ss_base_model_version", "sd3_m")), Known.SD3);
  }

  @Test
  void distilledSdxlTakesLorasOfSdxl() {
    assertThat(Known.SSD_1B.sharesModulesWith(Known.SDXL)).isTrue();
    assertThat(Known.SDXL.sharesModulesWith(Known.SD1)).isFalse();
    assertThat(Known.SDXL.sharesModulesWith(Known.SDXL_REFINER)).isFalse();
    assertThat(Known.FLUX_1.sharesModulesWith(Known.SD3)).isFalse();
    assertThat(Known.FLUX_1.sharesModulesWith(Known.CHROMA)).isTrue();
  }
}
