package athanor.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.adapter.format.PeftConfig;
import athanor.model.CheckpointModel;
import athanor.model.Recognition;
import athanor.model.TargetIndex;
import athanor.safetensors.SafetensorsFile;
import athanor.tensor.DType;
import athanor.testkit.DescribedFile;
import athanor.testkit.Mutation;
import athanor.testkit.OneFile;
import athanor.testkit.Sample;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** LoRAs with any keys, shapes and configuration are matched with a checkpoint, or refused. */
@Tag("hostile")
class AdapterMutationTest {
  private static final OneFile FILE = OneFile.named("fuzzed.safetensors");
  private static final CheckpointModel MODEL =
      ((Recognition.Checkpoint) Recognition.of(Sample.sd1(DType.F16))).model();
  private static final TargetIndex TARGETS = TargetIndex.of(MODEL);
  private static final int MAX_VALUES = 1 << 20;

  @Test
  void damagedLorasAreMatchedOrRefused() {
    Mutation.check("LoRAs", seeds(), 6000, AdapterMutationTest::match);
  }

  @Test
  void damagedConfigurationsAreReadOrRefused() {
    Mutation.check("configurations", configSeeds(), 10_000, AdapterMutationTest::readConfig);
  }

  /** Matches a LoRA that a text describes ({@link DescribedFile}). */
  static void match(byte[] text) {
    byte[] file = DescribedFile.of(new String(text, StandardCharsets.UTF_8), MAX_VALUES, (byte) 0);
    FILE.read(
        file,
        input -> {
          SafetensorsFile opened = SafetensorsFile.open(input);
          AdapterFile.looksLikeAdapter(opened.tensors());
          AdapterMatch match = AdapterMatch.of(AdapterFile.of(opened), MODEL, TARGETS);
          assertThat(match.applied()).isBetween(0, match.total());
          if (match.refusal().isEmpty()) {
            match.placed();
          }
        });
  }

  static void readConfig(byte[] json) {
    PeftConfig config = PeftConfig.parse(new String(json, StandardCharsets.UTF_8), "config");
    config.scaleOf("unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q", 4);
  }

  static List<byte[]> seeds() {
    String kohya = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q";
    String peft = "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q";
    String conv = "lora_unet_input_blocks_0_0";
    return List.of(
            pair(kohya, ".lora_up.weight 320,4", ".lora_down.weight 4,320", ".alpha "),
            pair(peft, ".lora_B.weight 320,4", ".lora_A.weight 4,320"),
            pair(conv, ".lora_up.weight 320,4,1,1", ".lora_down.weight 4,4,3,3", ".lora_mid 4"),
            pair(conv, ".diff 320,4,3,3", ".diff_b 320"),
            pair(kohya, ".hada_w1_a 320,4", ".hada_w1_b 4,320", ".hada_w2_a 320,4", ".alpha "),
            pair(kohya, ".lokr_w1 4,4", ".lokr_w2 80,80", ".dora_scale 1,320"),
            pair(kohya, ".lokr_w1 4,4", ".lokr_w2_a 80,2", ".lokr_w2_b 2,80", ".alpha "),
            pair(
                conv,
                ".lokr_w1_a 4,1",
                ".lokr_w1_b 1,2",
                ".lokr_w2_a 2,80",
                ".lokr_w2_b 2,2",
                ".lokr_t2 2,2,3,3"),
            pair(kohya, ".oft_blocks 4,80,80", ".w_norm 320", ".on_input 1", ".weight 320"),
            pair(kohya, ".oft_blocks 4,80,80", ".rescale 320,1", ".alpha "),
            pair(kohya, ".oft_blocks 2,4,80,80", ".rescale 320,1"),
            pair(kohya, ".oft_R.weight 10,496", ".oft_R.scaled_oft "),
            pair(peft, ".boft_R 1,80,4,4", ".boft_s 320,1"),
            pair(kohya, ".on_input ", ".weight 320,1"),
            pair(kohya, ".ia3_l 1,320"),
            pair(conv, ".lora_up.weight 320,4", ".lora_down.weight 4,36", ".dora_scale 320,1,1,1"),
            pair(peft, ".lora_B.weight 320,4", ".lora_A.weight 4,320", ".magnitude 320"),
            pair(
                kohya,
                ".a1.weight 320,4",
                ".a2.weight 4,320",
                ".b1.weight 320,4",
                ".b2.weight 4,320"),
            pair(conv, ".modules_to_save.weight 320,4,3,3", ".modules_to_save.bias 320"),
            pair(
                "text_encoder.text_model.embeddings.token_embedding",
                ".lora_embedding_A 4,49408",
                ".lora_embedding_B 768,4"),
            pair(peft, ".hra_u 320,8"),
            pair(peft, ".hira_A 4,320", ".hira_B 320,4"),
            pair(peft, ".miss_block 8,320"),
            pair(peft, ".vera_lambda_b 320", ".vera_lambda_d 4", ".vera_A 4,320", ".vera_B 320,4"),
            pair(
                "lora_te_text_model_encoder_layers_0_mlp_fc1",
                ".lora_up.weight 3072,4",
                ".lora_down.weight 4,768"))
        .stream()
        .map(text -> text.getBytes(StandardCharsets.UTF_8))
        .toList();
  }

  private static String pair(String module, String... parts) {
    var text = new StringBuilder();
    for (String part : parts) {
      int blank = part.indexOf(' ');
      text.append("F16 ").append(part.substring(blank + 1)).append(' ');
      text.append(module).append(part, 0, blank).append('\n');
    }
    return text.toString();
  }

  static List<byte[]> configSeeds() {
    return List.of(
            "{\"unet.lora_alpha\":8,\"unet.use_rslora\":true,\"unet.alpha_pattern\":"
                + "{\"attn1.to_q\":2,\".*attn2.*to_(q|k)\":3}}",
            "{\"lora_alpha\":16,\"r\":8,\"target_modules\":[\"to_q\",\"to_k\"]}",
            "{\"lora_alpha\":1e999}",
            "{\"lora_alpha\":8,\"alpha_pattern\":{\"(a+)+b\":2}}",
            "{\"a\":" + "[".repeat(2000))
        .stream()
        .map(text -> text.getBytes(StandardCharsets.UTF_8))
        .toList();
  }
}
