package athanor.model.transformer;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.model.CheckpointModel;
import athanor.model.Component;
import athanor.model.Recognition;
import athanor.model.ReferenceCheckpoint;
import athanor.model.Target;
import athanor.model.TargetIndex;
import athanor.model.block.Block;
import athanor.model.block.BlockScheme;
import athanor.tensor.Rows;
import athanor.tensor.Rows.Run;
import athanor.tensor.TensorInfo;
import athanor.testkit.Known;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** FLUX.1, the first architecture whose layout is nothing but a table. */
class TransformerLayoutTest {
  private static final String PREFIX = "model.diffusion_model.";
  private static final List<TensorInfo> COMPLETE =
      ReferenceCheckpoint.of(Known.FLUX_1).orElseThrow();
  private static final TargetIndex INDEX = TargetIndex.ofReference(Known.FLUX_1).orElseThrow();

  private static CheckpointModel model(Collection<TensorInfo> tensors) {
    return ((Recognition.Checkpoint) Recognition.of(tensors)).model();
  }

  private static List<TensorInfo> renamed(UnaryOperator<String> rename) {
    return COMPLETE.stream()
        .map(t -> new TensorInfo(rename.apply(t.key()), t.dtype(), t.shape()))
        .toList();
  }

  private static Target find(String module) {
    return INDEX.find(module).orElseThrow(() -> new AssertionError(module));
  }

  /** The hash is that of the sorted keys and shapes of a file with both text encoders. */
  @Test
  void keysAndShapesAreThoseOfThePublishedFile() throws NoSuchAlgorithmException {
    List<TensorInfo> denoiser =
        COMPLETE.stream().filter(tensor -> tensor.key().startsWith(PREFIX)).toList();
    var text = new StringBuilder();
    for (TensorInfo tensor : COMPLETE) {
      String dims =
          String.join("x", Arrays.stream(tensor.shape().dims()).mapToObj(Long::toString).toList());
      text.append(tensor.key()).append(' ').append(dims).append('\n');
    }
    byte[] hash =
        MessageDigest.getInstance("SHA-256")
            .digest(text.toString().getBytes(StandardCharsets.US_ASCII));

    assertThat(COMPLETE).hasSize(780 + 196 + 219);
    assertThat(denoiser).hasSize(780);
    assertThat(denoiser.stream().mapToLong(tensor -> tensor.shape().elementCount()).sum())
        .isEqualTo(11_901_408_320L);
    assertThat(HexFormat.of().formatHex(hash))
        .isEqualTo("2a0bb92c08c451927d8bafc645bfe18a16470eed61c76d01567123f0f69bc108");
  }

  @Test
  void aCompleteFileIsComplete() {
    CheckpointModel model = model(COMPLETE);

    assertThat(model.architecture()).isEqualTo(Known.FLUX_1);
    assertThat(model.missing()).isEmpty();
    assertThat(model.variant()).contains("dev, Krea or Kontext");
    assertThat(model.traits()).isEmpty();
    assertThat(model.denoiserPrefix()).isEqualTo(PREFIX);
    assertThat(model.components())
        .containsExactly(Component.TRANSFORMER, Component.TEXT_ENCODER, Component.TEXT_ENCODER_3);
  }

  @Test
  void bareKeysAreUnderstood() {
    CheckpointModel model = model(renamed(key -> key.replace(PREFIX, "")));

    assertThat(model.denoiserPrefix()).isEmpty();
    assertThat(model.missing()).isEmpty();
    assertThat(model.componentOf("double_blocks.0.img_attn.qkv.weight"))
        .isEqualTo(Component.TRANSFORMER);
    assertThat(TargetIndex.of(model).find("lora_unet_double_blocks_0_img_attn_qkv")).isPresent();
  }

  @Test
  void normsMayBeSpeltInTheNewWay() {
    CheckpointModel model =
        model(renamed(key -> key.endsWith("_norm.scale") ? key.replace(".scale", ".weight") : key));

    assertThat(model.missing()).isEmpty();
    assertThat(TargetIndex.of(model).find("transformer.transformer_blocks.3.attn.norm_q"))
        .get()
        .hasToString(PREFIX + "double_blocks.3.img_attn.norm.query_norm.weight");
  }

  @Test
  void withoutGuidanceItIsSchnell() {
    List<TensorInfo> schnell =
        COMPLETE.stream().filter(tensor -> !tensor.key().contains("guidance_in")).toList();
    CheckpointModel model = model(schnell);

    assertThat(model.missing()).isEmpty();
    assertThat(model.variant()).contains("schnell");
    assertThat(TargetIndex.of(model).find("lora_unet_guidance_in_in_layer")).isEmpty();
  }

  @Test
  void modelsWithFewerBlocksAreComplete() {
    List<TensorInfo> lite =
        COMPLETE.stream()
            .filter(tensor -> !tensor.key().matches(".*double_blocks\\.([89]|1\\d)\\..*"))
            .toList();
    CheckpointModel model = model(lite);

    assertThat(model.missing()).isEmpty();
    assertThat(TargetIndex.of(model).find("lora_unet_double_blocks_7_img_mod_lin")).isPresent();
    assertThat(TargetIndex.of(model).find("lora_unet_double_blocks_8_img_mod_lin")).isEmpty();
  }

  @Test
  void saysWhatIsMissing() {
    String gone = PREFIX + "single_blocks.5.linear2.weight";
    CheckpointModel model =
        model(COMPLETE.stream().filter(tensor -> !tensor.key().equals(gone)).toList());

    assertThat(model.missing()).containsExactly(gone);
  }

  @Test
  void everyModuleThatKohyasTrainerWritesIsATensor() {
    var modules = new ArrayList<String>();
    for (int n = 0; n < 19; n++) {
      for (String part : List.of("mod_lin", "attn_qkv", "attn_proj", "mlp_0", "mlp_2")) {
        modules.add("lora_unet_double_blocks_" + n + "_img_" + part);
        modules.add("lora_unet_double_blocks_" + n + "_txt_" + part);
      }
    }
    for (int n = 0; n < 38; n++) {
      for (String part : List.of("linear1", "linear2", "modulation_lin")) {
        modules.add("lora_unet_single_blocks_" + n + "_" + part);
      }
    }
    assertThat(modules).hasSize(304);
    List.of("img_in", "txt_in", "time_in_in_layer", "vector_in_out_layer", "guidance_in_in_layer")
        .forEach(name -> modules.add("lora_unet_" + name));

    assertThat(modules)
        .allSatisfy(module -> {
          Target target = find(module);
          assertThat(target.kohyaName()).isEqualTo(module);
          assertThat(target.weight().isWhole()).isTrue();
          assertThat(target.bias()).isPresent();
        });
    var layout = Known.FLUX_1.layout().orElseThrow();
    assertThat(INDEX.targets())
        .filteredOn(target -> layout.isTrained(target, false))
        .filteredOn(target -> target.component() == Component.TRANSFORMER)
        .hasSize(304);
    assertThat(INDEX.targets())
        .filteredOn(target -> layout.isTrained(target, false))
        .filteredOn(target -> target.component().isTextEncoder())
        .hasSize(72 + 168);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "lora_unet_single_blocks_37_linear1 | single_blocks.37.linear1.weight",
        "diffusion_model.double_blocks.0.img_attn.qkv | double_blocks.0.img_attn.qkv.weight",
        "transformer.single_transformer_blocks.5.attn.to_k | single_blocks.5.linear1.weight rows 3072..6144",
        "single_transformer_blocks.5.proj_mlp | single_blocks.5.linear1.weight rows 9216..21504",
        "transformer.single_transformer_blocks.5.proj_out | single_blocks.5.linear2.weight",
        "lycoris_transformer_blocks_7_ff_context_net_2 | double_blocks.7.txt_mlp.2.weight",
        "lora_transformer_time_text_embed_guidance_embedder_linear_2 | guidance_in.out_layer.weight",
        "base_model.model.transformer_blocks.18.attn.add_v_proj | double_blocks.18.txt_attn.qkv.weight rows 6144..9216",
        "transformer.transformer_blocks.18.attn.to_add_out | double_blocks.18.txt_attn.proj.weight",
        "transformer.proj_out | final_layer.linear.weight",
        "transformer.norm_out.linear | final_layer.adaLN_modulation.1.weight rows 3072..6144, 0..3072",
        "lora_unet_final_layer_adaLN_modulation_1 | final_layer.adaLN_modulation.1.weight",
        "double_blocks.0.img_attn.norm.query_norm | double_blocks.0.img_attn.norm.query_norm.scale",
        "double_blocks.5.processor.proj_lora2 | double_blocks.5.txt_attn.proj.weight",
        "diffusion_model.double_blocks.5.processor.qkv_lora1 | double_blocks.5.img_attn.qkv.weight",
        "single_blocks.5.processor.qkv | single_blocks.5.linear1.weight rows 0..9216",
      })
  void understandsEveryDialect(String module, String target) {
    assertThat(find(module)).hasToString(PREFIX + target);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "lora_te1_text_model_encoder_layers_11_mlp_fc1 | text_encoders.clip_l.transformer.text_model.encoder.layers.11.mlp.fc1.weight",
        "text_encoder.text_model.encoder.layers.0.self_attn.q_proj | text_encoders.clip_l.transformer.text_model.encoder.layers.0.self_attn.q_proj.weight",
        "lora_te3_encoder_block_23_layer_1_DenseReluDense_wi_0 | text_encoders.t5xxl.transformer.encoder.block.23.layer.1.DenseReluDense.wi_0.weight",
        "lora_te2_encoder_block_0_layer_0_SelfAttention_q | text_encoders.t5xxl.transformer.encoder.block.0.layer.0.SelfAttention.q.weight",
        "text_encoder_2.encoder.block.0.layer.0.SelfAttention.o | text_encoders.t5xxl.transformer.encoder.block.0.layer.0.SelfAttention.o.weight",
      })
  void understandsTheTextEncoders(String module, String target) {
    assertThat(find(module)).hasToString(target);
  }

  @Test
  void partsCoverTheirFusedModuleExactly() {
    List<Target> fused =
        INDEX.targets().stream()
            .filter(target -> target.weight().isWhole() && !INDEX.partsOf(target).isEmpty())
            .toList();

    assertThat(fused).hasSize(2 * 19 + 38 + 1);
    for (Target whole : fused) {
      List<Run> runs =
          INDEX.partsOf(whole).stream()
              .flatMap(part -> part.weight().runs().stream())
              .sorted((one, other) -> Long.compare(one.first(), other.first()))
              .toList();
      assertThat(new Rows(whole.weight().key(), runs, whole.weight().tensorRows()))
          .isEqualTo(whole.weight());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "lora_unet_double_blocks_0_img_attn_qkv, D00",
    "transformer.transformer_blocks.18.attn.to_q, D18",
    "lora_unet_single_blocks_37_linear1, S37",
    "lora_unet_img_in, IN",
    "lora_unet_vector_in_in_layer, IN",
    "transformer.norm_out.linear, OUT",
    "lora_te1_text_model_encoder_layers_0_mlp_fc1, CLIP",
    "lora_te3_encoder_block_0_layer_0_SelfAttention_q, T5",
  })
  void everyTargetHasItsBlock(String module, String block) {
    assertThat(find(module).block().name()).isEqualTo(block);
    assertThat(find(module).block().scheme()).isEqualTo("flux");
  }

  @Test
  void blocksHaveTheirUsualPlaces() {
    List<String> names =
        Stream.of(
                Stream.of("CLIP", "T5", "IN"),
                IntStream.range(0, 19).mapToObj("D%02d"::formatted),
                IntStream.range(0, 38).mapToObj("S%02d"::formatted),
                Stream.of("OUT"))
            .flatMap(stream -> stream)
            .toList();

    assertThat(BlockScheme.named("flux").blocks())
        .extracting(Block::name)
        .containsExactlyElementsOf(names)
        .hasSize(61);
  }
}
