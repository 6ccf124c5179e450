package athanor.model;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.tensor.DType;
import athanor.tensor.TensorInfo;
import athanor.testkit.Known;
import athanor.testkit.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checkpoints whose keys have something around them that training or saving put there. */
class WrappedCheckpointTest {
  private static final String UNET_KEY =
      Sample.UNET + "input_blocks.1.1.transformer_blocks.0.attn1.to_q.weight";
  private static final String TEXT_KEY = Sample.TEXT + "encoder.layers.0.mlp.fc1.weight";
  private static final String VAE_KEY = "first_stage_model.quant_conv.weight";
  private static final String UNET_MODULE =
      "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q";
  private static final String TEXT_MODULE = "lora_te_text_model_encoder_layers_0_mlp_fc1";

  private static List<TensorInfo> spelled(UnaryOperator<String> spelling) {
    return Sample.sd1(DType.F16).stream()
        .map(tensor -> new TensorInfo(spelling.apply(tensor.key()), tensor.dtype(), tensor.shape()))
        .toList();
  }

  private static CheckpointModel recognised(List<TensorInfo> tensors) {
    return ((Recognition.Checkpoint) Recognition.of(tensors)).model();
  }

  private static void assertKnown(CheckpointModel model, UnaryOperator<String> spelling) {
    assertThat(model.architecture()).isEqualTo(Known.SD1);
    assertThat(model.traits()).containsExactly(Trait.WRAPPED_KEYS);
    assertThat(model.componentOf(spelling.apply(UNET_KEY))).isEqualTo(Component.UNET);
    assertThat(model.componentOf(spelling.apply(TEXT_KEY))).isEqualTo(Component.TEXT_ENCODER);
    assertThat(model.componentOf(spelling.apply(VAE_KEY))).isEqualTo(Component.VAE);
    assertThat(model.storedKey(VAE_KEY)).isEqualTo(spelling.apply(VAE_KEY));
    TargetIndex index = TargetIndex.of(model);
    Target unet = index.find(UNET_MODULE).orElseThrow();
    Target text = index.find(TEXT_MODULE).orElseThrow();
    assertThat(unet.weight().key()).isEqualTo(spelling.apply(UNET_KEY));
    assertThat(text.weight().key()).isEqualTo(spelling.apply(TEXT_KEY));
    assertThat(text.bias().orElseThrow().key())
        .isEqualTo(spelling.apply(TEXT_KEY).replace(".weight", ".bias"));
    String ownName = spelling.apply(UNET_KEY).replace(".weight", "");
    assertThat(index.find(ownName)).contains(unet);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "module.",
        "_orig_mod.",
        "module._orig_mod.",
        "model.",
        "state_dict.",
        "model_state_dict.",
        "pipeline.student.",
        "model.module."
      })
  void findsAllPartsBehindWhatStandsBeforeEveryKey(String prefix) {
    assertKnown(recognised(spelled(prefix::concat)), prefix::concat);
  }

  @Test
  void findsAllPartsWhereEachIsWrappedInside() {
    UnaryOperator<String> compiled =
        key ->
            key.replace("model.diffusion_model.", "model.diffusion_model._orig_mod.")
                .replace("cond_stage_model.", "cond_stage_model.module.")
                .replace("first_stage_model.", "first_stage_model._orig_mod.");
    assertKnown(recognised(spelled(compiled)), compiled);
  }

  @Test
  void saysWhatIsMissingInTheSpellingOfTheFile() {
    CheckpointModel model = recognised(spelled("module."::concat));

    assertThat(model.missing()).isNotEmpty().allMatch(key -> key.startsWith("module."));
    assertThat(model.description()).startsWith("SD 1.x, wrapped keys, incomplete");
  }

  @Test
  void leavesPlainKeysAsTheyAre() {
    CheckpointModel model = recognised(spelled(key -> key));

    assertThat(model.has(Trait.WRAPPED_KEYS)).isFalse();
    assertThat(model.storedKey(VAE_KEY)).isEqualTo(VAE_KEY);
  }

  @Test
  void takesNothingAwayWhereTwoKeysWouldBecomeOne() {
    var both = new ArrayList<>(spelled(key -> key));
    both.addAll(spelled("module."::concat));
    CheckpointModel model = recognised(both);

    assertThat(model.has(Trait.WRAPPED_KEYS)).isFalse();
    assertThat(TargetIndex.of(model).find(UNET_MODULE).orElseThrow().weight().key())
        .isEqualTo(UNET_KEY);
    assertThat(model.componentOf("module." + UNET_KEY)).isEqualTo(Component.OTHER);
  }
}
