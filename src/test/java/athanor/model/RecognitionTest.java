package athanor.model;

import static athanor.model.Checkpoints.keys;
import static athanor.model.Checkpoints.model;
import static athanor.model.Checkpoints.renamed;
import static athanor.model.Checkpoints.reshaped;
import static athanor.model.Checkpoints.tensor;
import static athanor.model.Checkpoints.with;
import static athanor.model.Checkpoints.without;
import static org.assertj.core.api.Assertions.assertThat;

import athanor.model.sd.Schedule;
import athanor.tensor.TensorInfo;
import athanor.testkit.Gen;
import athanor.testkit.Known;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.converter.ConvertWith;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RecognitionTest {
  private static final String UNET = "model.diffusion_model.";
  private static final List<TensorInfo> SD1 = Checkpoints.of(Known.SD1);
  private static final List<TensorInfo> SD2 = Checkpoints.of(Known.SD2);
  private static final List<TensorInfo> SDXL = Checkpoints.of(Known.SDXL);

  private static boolean isText(String key) {
    return key.startsWith("cond_stage_model.") || key.startsWith("conditioner.");
  }

  private static boolean isVae(String key) {
    return key.startsWith("first_stage_model.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SD1",
        "SD2",
        "SDXL",
        "SDXL_REFINER",
        "SSD_1B",
        "SEGMIND_VEGA",
        "KOALA_700M",
        "KOALA_1B"
      })
  void knowsACompleteCheckpoint(@ConvertWith(Known.FromId.class) Architecture architecture) {
    CheckpointModel model = model(Checkpoints.of(architecture));

    assertThat(model.architecture()).isEqualTo(architecture);
    assertThat(model.missing()).isEmpty();
    assertThat(model.traits()).isEmpty();
    assertThat(model.denoiserPrefix()).isEqualTo(UNET);
    assertThat(model.description()).isEqualTo(architecture.label());
  }

  @Test
  void givesEveryTensorOfThePublishedFilesItsComponent() {
    assertThat(model(KeyTable.checkpoint("sd1")).components())
        .containsExactly(Component.UNET, Component.TEXT_ENCODER, Component.VAE, Component.SCHEDULE);
    assertThat(model(KeyTable.checkpoint("sd2")).components())
        .containsExactly(Component.UNET, Component.TEXT_ENCODER, Component.VAE, Component.SCHEDULE);
    assertThat(model(KeyTable.checkpoint("sdxl")).components())
        .containsExactly(
            Component.UNET,
            Component.TEXT_ENCODER,
            Component.TEXT_ENCODER_2,
            Component.VAE,
            Component.SCHEDULE);
  }

  @ParameterizedTest
  @CsvSource({"9, INPAINTING", "8, INSTRUCT_PIX2PIX", "5, DEPTH"})
  void tellsVariantsByTheirInputChannels(long channels, Trait trait) {
    for (List<TensorInfo> base : List.of(SD1, SD2, SDXL)) {
      var edited = reshaped(base, UNET + "input_blocks.0.0.weight", 320, channels, 3, 3);

      assertThat(model(edited).traits()).containsExactly(trait);
    }
  }

  @Test
  void acceptsTextEncodersWithoutTextModel() {
    CheckpointModel model = model(renamed(SD1, key -> key.replace("text_model.", "")));

    assertThat(model.traits()).containsExactly(Trait.OLD_TEXT_ENCODER_NAMES);
    assertThat(model.missing()).isEmpty();
    assertThat(model.componentOf("cond_stage_model.transformer.final_layer_norm.bias"))
        .isEqualTo(Component.TEXT_ENCODER);
  }

  @Test
  void acceptsAUnetAlone() {
    CheckpointModel model = model(without(SDXL, key -> !key.startsWith(UNET)));

    assertThat(model.traits()).containsExactly(Trait.NO_VAE, Trait.NO_TEXT_ENCODER);
    assertThat(model.components()).containsExactly(Component.UNET);
    assertThat(model.missing()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"''", "diffusion_model.", "unet."})
  void acceptsAUnetUnderOtherPrefixes(String prefix) {
    var unet = without(SD1, key -> !key.startsWith(UNET));
    CheckpointModel model = model(renamed(unet, key -> key.replace(UNET, prefix)));

    assertThat(model.architecture()).isEqualTo(Known.SD1);
    assertThat(model.denoiserPrefix()).isEqualTo(prefix);
    assertThat(model.components()).containsExactly(Component.UNET);
    assertThat(model.missing()).isEmpty();
  }

  @Test
  void acceptsACheckpointWithoutVae() {
    assertThat(model(without(SD2, RecognitionTest::isVae)).traits()).containsExactly(Trait.NO_VAE);
  }

  @Test
  void acceptsACheckpointWithoutTextEncoder() {
    assertThat(model(without(SD2, RecognitionTest::isText)).traits())
        .containsExactly(Trait.NO_TEXT_ENCODER);
  }

  @Test
  void noticesAnEma() {
    var edited = with(SD1, tensor("model_ema.diffusion_modelinput_blocks00weight", 320, 4, 3, 3));
    CheckpointModel model = model(edited);

    assertThat(model.traits()).containsExactly(Trait.EMA);
    assertThat(model.componentOf("model_ema.diffusion_modelinput_blocks00weight"))
        .isEqualTo(Component.EMA);
  }

  @Test
  void doesNotCallTheEmaCounterAnEma() {
    assertThat(model(with(SD1, tensor("model_ema.num_updates"))).traits()).isEmpty();
  }

  @Test
  void readsTheMarkersOfVPrediction() {
    assertThat(model(with(SDXL, tensor("v_pred", 0), tensor("ztsnr", 0))).traits())
        .containsExactly(Trait.V_PREDICTION, Trait.ZERO_TERMINAL_SNR);
    assertThat(model(with(SDXL, tensor("edm_vpred.sigma_max"))).traits())
        .containsExactly(Trait.V_PREDICTION, Trait.EDM);
    assertThat(model(with(SDXL, tensor("edm_mean", 4), tensor("edm_std", 4))).traits())
        .containsExactly(Trait.EDM);
  }

  @Test
  void toleratesReshapedProjections() {
    var edited = reshaped(SD1, UNET + "input_blocks.1.1.proj_in.weight", 320, 320);

    assertThat(model(edited).architecture()).isEqualTo(Known.SD1);
    assertThat(model(edited).traits()).containsExactly(Trait.CROSSED_PROJECTIONS);
  }

  @Test
  void noticesScaledWeights() {
    assertThat(model(with(SDXL, tensor(UNET + "out.2.scale_weight"))).traits())
        .containsExactly(Trait.SCALED_WEIGHTS);
  }

  @Test
  void noticesUnclip() {
    assertThat(model(with(SD2, tensor(UNET + "label_emb.0.0.weight", 1280, 2048))).traits())
        .containsExactly(Trait.UNCLIP);
  }

  @Test
  void listsWhatIsMissing() {
    String lost = UNET + "output_blocks.3.1.proj_out.weight";
    CheckpointModel model = model(without(SD1, lost::equals));

    assertThat(model.missing()).containsExactly(lost);
    assertThat(model.description()).isEqualTo("SD 1.x, incomplete (1 keys missing)");
  }

  @Test
  void doesNotMissWhatProgramsDoNotNeed() {
    var edited =
        without(
            SD2,
            key ->
                key.contains("resblocks.23.")
                    || key.endsWith("logit_scale")
                    || key.endsWith("text_projection")
                    || Schedule.isScheduleKey(key));

    assertThat(model(edited).missing()).isEmpty();
    assertThat(model(without(SD1, key -> key.endsWith("position_ids"))).missing()).isEmpty();
  }

  @Test
  void missesTheSecondTextEncoderOfSdxl() {
    CheckpointModel model = model(without(SDXL, key -> key.contains("embedders.1.")));

    assertThat(model.components()).doesNotContain(Component.TEXT_ENCODER_2);
    assertThat(model.missing()).hasSize(389).allMatch(key -> key.contains("embedders.1."));
  }

  @Test
  void keepsAnIncompleteSdxlApartFromItsDistilledVariants() {
    var edited = without(SDXL, key -> key.contains("input_blocks.8.1.transformer_blocks.9."));

    assertThat(model(edited).architecture()).isEqualTo(Known.SDXL);
    assertThat(model(edited).missing()).hasSize(20);
  }

  @Test
  void findsTheOrderOfTensorsIrrelevant() {
    assertThat(model(SDXL.reversed()).description()).isEqualTo("SDXL");
  }

  @Test
  void takesAFragmentForWhatItsTextWidthSaysAndNamesWhatIsMissing() {
    var fragment = without(SD1, key -> !key.startsWith(UNET + "input_blocks.1."));

    assertThat(Recognition.of(fragment))
        .isInstanceOfSatisfying(
            Recognition.Checkpoint.class,
            checkpoint -> {
              assertThat(checkpoint.model().architecture()).isEqualTo(Known.SD1);
              assertThat(checkpoint.model().missing()).contains(UNET + "out.2.weight");
            });
  }

  @Test
  void callsAnUnknownUnetUnknownWithItsWidth() {
    var other =
        List.of(
            tensor(UNET + "input_blocks.0.0.weight", 320, 4, 3, 3),
            tensor(UNET + "input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight", 320, 512));

    assertThat(Recognition.of(other))
        .isInstanceOfSatisfying(
            Recognition.Unknown.class,
            unknown -> assertThat(unknown.looksLike()).contains("context width 512"));
  }

  @Test
  void saysWhatAnUnknownFileLooksLike() {
    assertThat(Recognition.of(keys("bert.encoder.a", "bert.encoder.b", "head.weight")))
        .isEqualTo(
            new Recognition.Unknown("3 tensors, 2 of them under bert.; none of the known layouts"));
    assertThat(Recognition.of(List.of()))
        .isEqualTo(new Recognition.Unknown("a file without tensors"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "STABLE_CASCADE | clf.1.weight |",
        "HUNYUAN_DIT | mlp_t5.0.weight |",
        "FLUX_2 | double_stream_modulation_img.lin.weight | img_in.weight",
        "MOCHI | t5_yproj.weight |",
        "PIXART | adaln_single.emb.timestep_embedder.linear_1.bias | pos_embed.proj.bias",
        "PIXART | t_block.1.weight |",
        "WAN | head.modulation |",
        "OVIS_IMAGE | double_blocks.0.img_mlp.gate_proj.weight | img_in.weight",
        "WAN | condition_embedder.time_embedder.linear_1.weight | blocks.0.attn1.to_q.weight"
      })
  void namesTransformersUnderEveryPrefix(
      @ConvertWith(Known.FromId.class) Architecture architecture, String key, String other) {
    for (String prefix : List.of("", "model.diffusion_model.", "net.", "diffusion_model.")) {
      var tensors = keys(prefix + key, prefix + (other == null ? "bias" : other));

      assertThat(Recognition.of(tensors))
          .isInstanceOfSatisfying(
              Recognition.Unsupported.class,
              found -> assertThat(found.architecture()).isEqualTo(architecture));
    }
    assertThat(architecture.isMergeable()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"2304, LUMINA_2", "3840, Z_IMAGE"})
  void tellsLuminaAndZImageByWidth(
      long width, @ConvertWith(Known.FromId.class) Architecture architecture) {
    var tensors =
        List.of(
            tensor("cap_embedder.1.weight", width, 2560),
            tensor("noise_refiner.0.attention.k_norm.weight", 128));

    assertThat(model(tensors).architecture()).isEqualTo(architecture);
  }

  @Test
  void namesOtherUnets() {
    var video = with(SD2, tensor(UNET + "input_blocks.1.1.time_stack.0.attn1.to_q.weight", 4, 4));
    var upscaler =
        List.of(
            tensor(UNET + "input_blocks.0.0.weight", 256, 7, 3, 3),
            tensor(UNET + "input_blocks.4.1.transformer_blocks.0.attn2.to_k.weight", 512, 1024));

    assertThat(Recognition.of(video))
        .isEqualTo(new Recognition.Unsupported(Known.STABLE_VIDEO, "temporal layers"));
    assertThat(Recognition.of(upscaler))
        .isEqualTo(new Recognition.Unsupported(Known.SD_X4_UPSCALER, "256 channels"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a LoRA | lora_unet_mid_block_attentions_0_proj_in.lora_down.weight",
        "a LoRA | unet.mid_block.attentions.0.proj_in.lora_A.weight",
        "a LoRA | model.diffusion_model.input_blocks.1.1.proj_in.lora_B.default.weight",
        "a LoRA | unet.mid_block.attentions.0.a.attn1.processor.to_q_lora.down.weight",
        "a LoRA | text_encoder.text_model.encoder.layers.0.mlp.fc1.lora_linear_layer.up.weight",
        "a LoRA | lora_unet_mid_block_attentions_0_proj_in.hada_w1_a",
        "a LoRA | lycoris_mid_block_attentions_0_proj_in.lokr_w2",
        "a LoRA | diffusion_model.input_blocks.1.1.proj_in.diff",
        "a LoRA of the first trainer | unet:3:up",
        "the moving average | model_ema.diffusion_modelinput_blocks00weight",
        "a Control-LoRA | lora_controlnet",
        "a ControlNet-LLLite | lllite_unet_input_blocks_4_1_to_q.depth1.0.weight",
        "an IP-Adapter | image_proj.proj.weight",
        "a textual inversion | string_to_param.*",
        "a textual inversion | emb_params",
        "a textual inversion | clip_l",
        "a ControlNet | control_model.input_blocks.0.0.weight",
        "a ControlNet | input_hint_block.0.weight",
        "a ControlNet | controlnet_cond_embedding.conv_in.weight",
        "a T2I-Adapter | adapter.body.0.block1.weight",
        "an AnimateDiff | down_blocks.0.motion_modules.0.temporal_transformer.norm.weight",
        "an image upscaler | RRDB_trunk.0.RDB1.conv1.weight",
        "a stand-alone text encoder | text_model.encoder.layers.0.mlp.fc1.weight",
        "a stand-alone text encoder | encoder.block.0.layer.0.SelfAttention.q.weight",
        "an image encoder | vision_model.embeddings.class_embedding",
      })
  void refusesOtherKindsOfFileByName(String what, String key) {
    assertThat(Recognition.of(keys(key)))
        .isInstanceOfSatisfying(
            Recognition.NotACheckpoint.class,
            found -> {
              assertThat(found.what()).startsWith(what);
              assertThat(found.advice()).isNotBlank();
            });
  }

  @Test
  void neverFailsOnDamagedFiles() {
    Gen gen = Gen.seeded("recognition of damaged files");
    for (int run = 0; run < 200; run++) {
      var damaged = new ArrayList<TensorInfo>();
      for (TensorInfo tensor : gen.oneOf(SD1, SD2, SDXL)) {
        switch (gen.between(0, 9)) {
          case 0 -> {}
          case 1 -> damaged.add(tensor(tensor.key(), dims(gen)));
          case 2 -> damaged.add(tensor(tensor.key().substring(gen.between(1, 4)), dims(gen)));
          default -> damaged.add(tensor);
        }
      }

      if (Recognition.of(damaged) instanceof Recognition.Checkpoint(CheckpointModel model)) {
        assertThat(TargetIndex.of(model).targets()).isNotEmpty();
      }
    }
  }

  private static long[] dims(Gen gen) {
    return LongStream.generate(() -> gen.between(0, 5)).limit(gen.between(0, 4)).toArray();
  }

  @Test
  void refusesAControlNetThatComesWithItsCheckpoint() {
    var bundle = with(SD1, tensor("control_model.zero_convs.0.0.weight", 320, 320, 1, 1));

    assertThat(Recognition.of(bundle)).isInstanceOf(Recognition.NotACheckpoint.class);
  }

  @Test
  void refusesStandAlonePartsByName() {
    var vae = without(SD1, key -> !isVae(key));
    var bareVae = renamed(vae, key -> key.replace("first_stage_model.", ""));
    var diffusersUnet =
        keys(
            "conv_in.weight",
            "down_blocks.0.resnets.0.conv1.weight",
            "down_blocks.0.attentions.0.proj_in.weight");

    assertThat(Recognition.of(vae)).extracting("what").isEqualTo("a stand-alone VAE");
    assertThat(Recognition.of(bareVae)).extracting("what").isEqualTo("a stand-alone VAE");
    assertThat(Recognition.of(diffusersUnet))
        .extracting("what")
        .isEqualTo("the UNet of a model in diffusers layout");
  }
}
