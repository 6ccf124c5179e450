package athanor.model;

import static athanor.model.Checkpoints.model;
import static athanor.model.Checkpoints.renamed;
import static athanor.model.Checkpoints.reshaped;
import static athanor.model.Checkpoints.with;
import static athanor.model.Checkpoints.without;
import static org.assertj.core.api.Assertions.assertThat;

import athanor.model.KeyTable.KohyaModule;
import athanor.tensor.Rows;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import athanor.testkit.Known;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TargetIndexTest {
  private static final String UNET = "model.diffusion_model.";
  private static final TargetIndex SD1 = reference(Known.SD1);
  private static final TargetIndex SD2 = reference(Known.SD2);
  private static final TargetIndex SDXL = reference(Known.SDXL);

  private static TargetIndex reference(Architecture architecture) {
    return TargetIndex.ofReference(architecture).orElseThrow();
  }

  private static TargetIndex index(String table) {
    return switch (table) {
      case "sd1" -> SD1;
      case "sd2" -> SD2;
      default -> SDXL;
    };
  }

  private static Target find(TargetIndex index, String module) {
    return index.find(module).orElseThrow(() -> new AssertionError("no target: " + module));
  }

  @ParameterizedTest
  @ValueSource(strings = {"sd1", "sd2", "sdxl"})
  void everyModuleOfKohyasTrainerHasOneTargetOfItsShape(String table) {
    Set<Target> seen = new HashSet<>();
    for (KohyaModule module : KeyTable.kohyaModules(table)) {
      Target target = find(index(table), module.name());

      assertThat(target.deltaShape().rows()).as(module.name()).isEqualTo(module.out());
      assertThat(target.deltaShape().columns())
          .as(module.name())
          .isEqualTo(module.down().elementCount());
      assertThat(target.kohyaName()).isEqualTo(module.name());
      assertThat(seen.add(target)).as(module.name()).isTrue();
    }
    assertNoneOverlap(seen);
  }

  private static void assertNoneOverlap(Set<Target> targets) {
    var list = new ArrayList<>(targets);
    for (int i = 0; i < list.size(); i++) {
      for (int j = 0; j < i; j++) {
        if (list.get(i).overlaps(list.get(j))) {
          throw new AssertionError(list.get(i) + " overlaps " + list.get(j));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"sd1", "sd2", "sdxl"})
  void everyTargetIsFoundUnderTheNamesItGives(String table) {
    for (Target target : index(table).targets()) {
      assertThat(index(table).find(target.kohyaName())).contains(target);
      assertThat(index(table).find(target.diffusersName())).contains(target);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"sd1", "sd2", "sdxl"})
  void namesAreDifferentForDifferentTargets(String table) {
    Set<Target> targets = index(table).targets();

    assertThat(targets).extracting(Target::kohyaName).doesNotHaveDuplicates();
    assertThat(targets).extracting(Target::diffusersName).doesNotHaveDuplicates();
  }

  @ParameterizedTest
  @ValueSource(strings = {"sd1", "sd2", "sdxl"})
  void targetsCoverEveryWeightAndBiasOfUnetAndTextEncoders(String table) {
    CheckpointModel model = model(KeyTable.checkpoint(table));
    Set<String> covered = new HashSet<>();
    for (Target target : TargetIndex.of(model).targets()) {
      covered.add(target.weight().key());
      target.bias().ifPresent(bias -> covered.add(bias.key()));
    }

    assertThat(model.tensors())
        .filteredOn(t -> isMergeable(model.componentOf(t.key()), t.key()))
        .extracting(TensorInfo::key)
        .containsExactlyInAnyOrderElementsOf(covered);
  }

  private static boolean isMergeable(Component component, String key) {
    return (component == Component.UNET || component.isTextEncoder())
        && !key.endsWith("position_ids")
        && !key.endsWith("logit_scale");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "sd1 | down_blocks_2_attentions_1_transformer_blocks_0_attn2_to_out_0"
            + " | input_blocks.8.1.transformer_blocks.0.attn2.to_out.0",
        "sd1 | down_blocks_0_downsamplers_0_conv | input_blocks.3.0.op",
        "sdxl | down_blocks_0_downsamplers_0_conv | input_blocks.3.0.op",
        "sd1 | up_blocks_0_upsamplers_0_conv | output_blocks.2.1.conv",
        "sdxl | up_blocks_0_upsamplers_0_conv | output_blocks.2.2.conv",
        "sd1 | up_blocks_1_upsamplers_0_conv | output_blocks.5.2.conv",
        "sd2 | up_blocks_1_upsamplers_0_conv | output_blocks.5.2.conv",
        "sdxl | up_blocks_1_upsamplers_0_conv | output_blocks.5.2.conv",
        "sd1 | mid_block_resnets_1_time_emb_proj | middle_block.2.emb_layers.1",
        "sd2 | mid_block_resnets_1_time_emb_proj | middle_block.2.emb_layers.1",
        "sdxl | mid_block_resnets_1_time_emb_proj | middle_block.2.emb_layers.1",
        "sd1 | up_blocks_3_resnets_2_conv_shortcut | output_blocks.11.0.skip_connection",
        "sd1 | down_blocks_1_attentions_0_proj_in | input_blocks.4.1.proj_in",
        "sdxl | down_blocks_1_attentions_0_proj_in | input_blocks.4.1.proj_in",
        "sdxl | up_blocks_0_attentions_1_transformer_blocks_9_ff_net_0_proj"
            + " | output_blocks.1.1.transformer_blocks.9.ff.net.0.proj",
        "sdxl | output_blocks_1_1_transformer_blocks_9_ff_net_0_proj"
            + " | output_blocks.1.1.transformer_blocks.9.ff.net.0.proj",
        "sdxl | add_embedding_linear_1 | label_emb.0.0",
        "sdxl | label_emb_0_0 | label_emb.0.0",
        "sd1 | time_embedding_linear_2 | time_embed.2",
        "sd1 | conv_in | input_blocks.0.0",
        "sd1 | conv_out | out.2",
        "sd1 | out_2 | out.2",
        "sd1 | middle_block_0_in_layers_2 | middle_block.0.in_layers.2"
      })
  void findsUnetModulesInBothSpellings(String table, String module, String target) {
    assertThat(find(index(table), "lora_unet_" + module)).hasToString(UNET + target + ".weight");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "unet.mid_block.attentions.0.transformer_blocks.0.attn1.processor.to_out",
        "unet.mid_block.attentions.0.transformer_blocks.0.attn1.to_out",
        "unet.mid_block.attentions.0.transformer_blocks.0.attn1.to_out.0",
        "unet.base_model.model.mid_block.attentions.0.transformer_blocks.0.attn1.to_out.0",
        "base_model.model.unet.mid_block.attentions.0.transformer_blocks.0.attn1.to_out.0",
        "base_model.model.mid_block.attentions.0.transformer_blocks.0.attn1.to_out.0",
        "mid_block.attentions.0.transformer_blocks.0.attn1.to_out.0",
        "middle_block.1.transformer_blocks.0.attn1.to_out.0",
        "diffusion_model.middle_block.1.transformer_blocks.0.attn1.to_out.0",
        "model.diffusion_model.middle_block.1.transformer_blocks.0.attn1.to_out.0",
        "base_model.model.model.diffusion_model.middle_block.1.transformer_blocks.0.attn1.to_out.0",
        "lycoris_mid_block_attentions_0_transformer_blocks_0_attn1_to_out_0",
        "lora_unet_mid_block_attentions_0_transformer_blocks_0_attn1_to_out_0",
        "lora_unet__mid_block_attentions_0_transformer_blocks_0_attn1_to_out_0",
        "oft_unet_mid_block_attentions_0_transformer_blocks_0_attn1_to_out_0",
        "oft_unet_middle_block_1_transformer_blocks_0_attn1_to_out_0",
        "unet.middle_block.1.transformer_blocks.0.attn1.to_out.0",
        "unet.unet.mid_block.attentions.0.transformer_blocks.0.attn1.processor.to_out",
        "unet.module.mid_block.attentions.0.transformer_blocks.0.attn1.to_out.0",
        "module.unet.mid_block.attentions.0.transformer_blocks.0.attn1.to_out.0",
        "unet._orig_mod.mid_block.attentions.0.transformer_blocks.0.attn1.to_out.0",
        "unet.mid_block.attentions.0._orig_mod.transformer_blocks.0.attn1.to_out.0",
        "base_model.model.unet._orig_mod.mid_block.attentions.0.transformer_blocks.0.attn1.to_out.0",
        "unet._fsdp_wrapped_module.mid_block.attentions.0.transformer_blocks.0.attn1.to_out.0",
        "lora_unet__orig_mod_mid_block_attentions_0_transformer_blocks_0_attn1_to_out_0",
        "lora_unet_mid_block_attentions_0__orig_mod_transformer_blocks_0_attn1_to_out_0",
        "lora_unet_module_mid_block_attentions_0_transformer_blocks_0_attn1_to_out_0",
        "lora_unet_unet_mid_block_attentions_0_transformer_blocks_0_attn1_to_out_0",
      })
  void findsOneModuleInEveryDialect(String module) {
    for (TargetIndex index : List.of(SD1, SD2, SDXL)) {
      assertThat(find(index, module))
          .hasToString(UNET + "middle_block.1.transformer_blocks.0.attn1.to_out.0.weight");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "sd1 | lora_te_text_model_encoder_layers_11_mlp_fc1"
            + " | cond_stage_model.transformer.text_model.encoder.layers.11.mlp.fc1.weight",
        "sd1 | lora_te1_encoder_layers_11_mlp_fc1"
            + " | cond_stage_model.transformer.text_model.encoder.layers.11.mlp.fc1.weight",
        "sd1 | text_encoder.text_model.encoder.layers.0.self_attn.to_out |"
            + " cond_stage_model.transformer.text_model.encoder.layers.0.self_attn.out_proj.weight",
        "sd1 | text_encoder.text_model.encoder.layers.0.self_attn.to_k"
            + " | cond_stage_model.transformer.text_model.encoder.layers.0.self_attn.k_proj.weight",
        "sd1 | base_model.model.text_model.encoder.layers.0.self_attn.k_proj"
            + " | cond_stage_model.transformer.text_model.encoder.layers.0.self_attn.k_proj.weight",
        "sd1 | text_encoders.clip_l.transformer.text_model.encoder.layers.0.mlp.fc2"
            + " | cond_stage_model.transformer.text_model.encoder.layers.0.mlp.fc2.weight",
        "sd1 | clip_l.text_model.encoder.layers.0.mlp.fc2"
            + " | cond_stage_model.transformer.text_model.encoder.layers.0.mlp.fc2.weight",
        "sd1 | text_encoder._orig_mod.text_model.encoder.layers.0.mlp.fc2"
            + " | cond_stage_model.transformer.text_model.encoder.layers.0.mlp.fc2.weight",
        "sd1 | text_encoder.text_encoder.text_model.encoder.layers.0.mlp.fc2"
            + " | cond_stage_model.transformer.text_model.encoder.layers.0.mlp.fc2.weight",
        "sdxl | clip_l.text_model.encoder.layers.0.mlp.fc1"
            + " | conditioner.embedders.0.transformer.text_model.encoder.layers.0.mlp.fc1.weight",
        "sdxl | clip_g.text_model.encoder.layers.0.mlp.fc2"
            + " | conditioner.embedders.1.model.transformer.resblocks.0.mlp.c_proj.weight",
        "sdxl | clip_g.text_projection | conditioner.embedders.1.model.text_projection",
        "sd1 | lora_te_text_model_embeddings_token_embedding"
            + " | cond_stage_model.transformer.text_model.embeddings.token_embedding.weight",
        "sd2 | lora_te_text_model_encoder_layers_22_self_attn_v_proj"
            + " | cond_stage_model.model.transformer.resblocks.22.attn.in_proj_weight"
            + " rows 2048..3072",
        "sd2 | text_encoder.text_model.encoder.layers.3.self_attn.to_q"
            + " | cond_stage_model.model.transformer.resblocks.3.attn.in_proj_weight rows 0..1024",
        "sd2 | text_encoder.text_model.embeddings.position_embedding"
            + " | cond_stage_model.model.positional_embedding",
        "sdxl | lora_te_text_model_encoder_layers_1_mlp_fc1"
            + " | conditioner.embedders.0.transformer.text_model.encoder.layers.1.mlp.fc1.weight",
        "sdxl | lora_te2_text_model_encoder_layers_31_self_attn_k_proj"
            + " | conditioner.embedders.1.model.transformer.resblocks.31.attn.in_proj_weight"
            + " rows 1280..2560",
        "sdxl | lora_te2_text_model_encoder_layers_0_mlp_fc2"
            + " | conditioner.embedders.1.model.transformer.resblocks.0.mlp.c_proj.weight",
        "sdxl | text_encoder_2.text_model.encoder.layers.0.mlp.fc2"
            + " | conditioner.embedders.1.model.transformer.resblocks.0.mlp.c_proj.weight",
        "sdxl | text_encoder_2.encoder.layers.0.layer_norm2"
            + " | conditioner.embedders.1.model.transformer.resblocks.0.ln_2.weight",
        "sdxl | lora_te2_text_model_final_layer_norm"
            + " | conditioner.embedders.1.model.ln_final.weight",
        "sdxl | lora_te2_text_projection | conditioner.embedders.1.model.text_projection",
        "sdxl | conditioner.embedders.1.model.transformer.resblocks.0.attn.in_proj"
            + " | conditioner.embedders.1.model.transformer.resblocks.0.attn.in_proj_weight",
      })
  void findsTextEncoderModules(String table, String module, String target) {
    assertThat(find(index(table), module)).hasToString(target);
  }

  @Test
  void slicesOfAFusedProjectionCarryTheirPartOfTheBias() {
    Target key = find(SDXL, "lora_te2_text_model_encoder_layers_31_self_attn_k_proj");
    String layer = "conditioner.embedders.1.model.transformer.resblocks.31.attn.";

    assertThat(key.shape()).isEqualTo(Shape.of(1280, 1280));
    assertThat(key.weight()).isEqualTo(Rows.of(layer + "in_proj_weight", 1280, 1280, 3840));
    assertThat(key.bias()).contains(Rows.of(layer + "in_proj_bias", 1280, 1280, 3840));
  }

  @Test
  void thePartsOfAFusedModuleAreItsRowsExactly() {
    String layer = "lora_te2_text_model_encoder_layers_0_self_attn_";
    Target fused = find(SDXL, "conditioner.embedders.1.model.transformer.resblocks.0.attn.in_proj");

    List<Target> parts = SDXL.partsOf(fused);

    assertThat(parts)
        .containsExactly(
            find(SDXL, layer + "q_proj"),
            find(SDXL, layer + "k_proj"),
            find(SDXL, layer + "v_proj"));
    assertThat(parts).allMatch(fused::contains).noneMatch(part -> part.contains(fused));
    List<Rows.Run> runs = parts.stream().flatMap(part -> part.weight().runs().stream()).toList();
    assertThat(new Rows(fused.weight().key(), runs, fused.weight().tensorRows()))
        .isEqualTo(fused.weight());
    assertThat(SDXL.partsOf(parts.getFirst())).isEmpty();
    assertThat(SDXL.partsOf(find(SDXL, "lora_unet_middle_block_1_proj_in"))).isEmpty();
  }

  @Test
  void fusedTensorOverlapsItsSlicesAndSlicesDoNotOverlap() {
    String layer = "lora_te2_text_model_encoder_layers_0_self_attn_";
    Target query = find(SDXL, layer + "q_proj");
    Target key = find(SDXL, layer + "k_proj");
    Target fused = find(SDXL, "conditioner.embedders.1.model.transformer.resblocks.0.attn.in_proj");

    assertThat(fused.overlaps(query)).isTrue();
    assertThat(fused.overlaps(key)).isTrue();
    assertThat(query.overlaps(key)).isFalse();
    assertThat(query).isNotEqualTo(fused).isNotEqualTo(key);
  }

  @Test
  void textProjectionOfOpenClipIsStoredTransposed() {
    var tensors =
        reshaped(
            Checkpoints.of(Known.SDXL), "conditioner.embedders.1.model.text_projection", 1280, 768);
    Target target = find(TargetIndex.of(model(tensors)), "text_encoder_2.text_projection");

    assertThat(target.transposed()).isTrue();
    assertThat(target.shape()).isEqualTo(Shape.of(1280, 768));
    assertThat(target.deltaShape()).isEqualTo(Shape.of(768, 1280));
  }

  @Test
  void findsTheHuggingFaceTextProjectionAsItIs() {
    var tensors =
        with(
            Checkpoints.of(Known.SDXL),
            Checkpoints.tensor(
                "conditioner.embedders.0.transformer.text_projection.weight", 768, 768));
    Target target = find(TargetIndex.of(model(tensors)), "lora_te1_text_projection");

    assertThat(target.transposed()).isFalse();
    assertThat(target.kohyaName()).isEqualTo("lora_te1_text_projection");
  }

  @Test
  void normsAreTargetsWithTheirBias() {
    Target norm = find(SD1, "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_norm1");

    assertThat(norm.shape()).isEqualTo(Shape.of(320));
    assertThat(norm.bias().orElseThrow().key()).endsWith("transformer_blocks.0.norm1.bias");
  }

  @Test
  void convolutionsKeepTheirShape() {
    assertThat(find(SD1, "lora_unet_conv_in").shape()).isEqualTo(Shape.of(320, 4, 3, 3));
    assertThat(find(SD1, "lora_unet_down_blocks_0_attentions_0_proj_in").shape())
        .isEqualTo(Shape.of(320, 320, 1, 1));
  }

  @Test
  void oldTextEncoderNamesMeanTheSameModules() {
    var old = renamed(Checkpoints.of(Known.SD1), key -> key.replace("text_model.", ""));
    TargetIndex index = TargetIndex.of(model(old));

    for (KohyaModule module : KeyTable.kohyaModules("sd1")) {
      assertThat(find(index, module.name()).kohyaName()).isEqualTo(module.name());
    }
    assertThat(find(index, "lora_te_text_model_encoder_layers_0_mlp_fc1"))
        .hasToString("cond_stage_model.transformer.encoder.layers.0.mlp.fc1.weight");
  }

  @Test
  void aUnetAloneHasNoTextTargets() {
    var unet = without(Checkpoints.of(Known.SDXL), key -> !key.startsWith(UNET));
    TargetIndex index = TargetIndex.of(model(unet));

    assertThat(index.find("lora_te1_text_model_encoder_layers_0_mlp_fc1")).isEmpty();
    assertThat(index.find("lora_unet_middle_block_1_proj_in")).isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "lora_unet_mid_block_attentions_0_proj",
        "lora_unet_mid_block_attentions_0_proj_in_0",
        "lora_unet",
        "lora_unet_",
        "",
        "mid_block_attentions_0_proj_in",
        "lora_te2_text_model_encoder_layers_32_mlp_fc1",
        "text_model.encoder.layers.0.mlp.fc1",
        "first_stage_model.decoder.conv_in",
        "lora_te2_text_model_logit_scale",
        "lora_te1_text_model_embeddings_position_ids",
        "lora_unet_double_blocks_0_img_attn_qkv",
      })
  void findsNothingUnderOtherNames(String module) {
    assertThat(SDXL.find(module)).isEmpty();
  }

  @Test
  void distilledSdxlNamesItsMiddleByWhatIsThere() {
    TargetIndex index = reference(Known.SSD_1B);

    assertThat(find(index, "lora_unet_mid_block_resnets_0_conv1"))
        .hasToString(UNET + "middle_block.0.in_layers.2.weight");
    assertThat(index.find("lora_unet_mid_block_attentions_0_proj_in")).isEmpty();
    assertThat(find(index, "unet.up_blocks.0.attentions.2.transformer_blocks.9.attn2.to_k"))
        .hasToString(UNET + "output_blocks.2.1.transformer_blocks.9.attn2.to_k.weight");
  }

  @Test
  void koalaHasOneResnetPerLevel() {
    TargetIndex index = reference(Known.KOALA_1B);

    assertThat(find(index, "unet.down_blocks.1.attentions.0.proj_in"))
        .hasToString(UNET + "input_blocks.3.1.proj_in.weight");
    assertThat(find(index, "unet.down_blocks.0.downsamplers.0.conv"))
        .hasToString(UNET + "input_blocks.2.0.op.weight");
    assertThat(find(index, "unet.up_blocks.0.upsamplers.0.conv"))
        .hasToString(UNET + "output_blocks.1.2.conv.weight");
  }

  @Test
  void refinerAnswersToBothTextPrefixes() {
    TargetIndex index = reference(Known.SDXL_REFINER);
    Target first = find(index, "lora_te_text_model_encoder_layers_0_mlp_fc1");

    assertThat(find(index, "text_encoder_2.text_model.encoder.layers.0.mlp.fc1")).isEqualTo(first);
    assertThat(first.component()).isEqualTo(Component.TEXT_ENCODER_2);
    assertThat(find(index, "unet.down_blocks.1.attentions.0.transformer_blocks.3.attn2.to_k"))
        .extracting(Target::shape)
        .isEqualTo(Shape.of(768, 1280));
  }

  @Test
  void unclipCallsItsConditioningClassEmbedding() {
    var unclip =
        with(
            Checkpoints.of(Known.SD2),
            Checkpoints.tensor(UNET + "label_emb.0.0.weight", 1280, 2048));
    Target target = find(TargetIndex.of(model(unclip)), "unet.class_embedding.linear_1");

    assertThat(target.diffusersName()).isEqualTo("unet.class_embedding.linear_1");
  }

  @ParameterizedTest
  @CsvSource({
    "sd1, lora_te_text_model_encoder_layers_0_mlp_fc1, BASE",
    "sd1, lora_unet_conv_in, IN00",
    "sd1, lora_unet_time_embedding_linear_1, IN00",
    "sd1, lora_unet_down_blocks_0_attentions_0_proj_in, IN01",
    "sd1, lora_unet_down_blocks_2_downsamplers_0_conv, IN09",
    "sd1, lora_unet_down_blocks_3_resnets_1_conv1, IN11",
    "sd1, lora_unet_mid_block_resnets_0_conv1, MID",
    "sd1, lora_unet_up_blocks_0_upsamplers_0_conv, OUT02",
    "sd1, lora_unet_up_blocks_1_attentions_0_proj_in, OUT03",
    "sd1, lora_unet_up_blocks_3_attentions_2_proj_in, OUT11",
    "sd1, lora_unet_conv_out, OUT11",
    "sdxl, lora_te2_text_projection, BASE",
    "sdxl, lora_unet_label_emb_0_0, IN00",
    "sdxl, lora_unet_input_blocks_8_1_proj_in, IN08",
    "sdxl, unet.down_blocks.2.attentions.1.proj_in, IN08",
    "sdxl, lora_unet_middle_block_1_proj_in, MID",
    "sdxl, lora_unet_output_blocks_0_1_proj_in, OUT00",
    "sdxl, lora_unet_out_2, OUT09",
  })
  void everyTargetHasItsBlock(String table, String module, String block) {
    assertThat(find(index(table), module).block().name()).isEqualTo(block);
  }
}
