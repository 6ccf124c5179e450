package athanor.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import athanor.error.Kind;
import athanor.error.Problem;
import athanor.format.StateDicts;
import athanor.merge.plan.AverageFate;
import athanor.merge.plan.MergeOptions;
import athanor.merge.plan.Precision;
import athanor.model.Component;
import athanor.model.Recognition;
import athanor.recipe.LoraInput;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import athanor.testkit.Gen;
import athanor.testkit.Merging;
import athanor.testkit.Sample;
import athanor.testkit.TensorFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a merge leaves out or leaves alone, and what it says of it. */
class LeftOutTest {
  private static final String ATTENTION =
      "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn";
  private static final String TEXT = "lora_te_text_model_encoder_layers_0_mlp_fc1";
  private static final String AVERAGE = "model_ema.diffusion_modelinput_blocks00weight";

  @TempDir private Path folder;
  private final Gen gen = Gen.fixed(12);

  private Path path(String name) {
    return folder.resolve(name);
  }

  private Path base(List<TensorInfo> tensors) {
    return new TensorFile().random(tensors, 0.05, gen).write(path("base.safetensors"));
  }

  private static TensorFile ones(TensorFile file, String module, int out, int in, float value) {
    float[] up = new float[out];
    float[] down = new float[in];
    Arrays.fill(up, value);
    Arrays.fill(down, 1);
    return file.put(module + ".lora_up.weight", DType.F32, Shape.of(out, 1), up)
        .put(module + ".lora_down.weight", DType.F32, Shape.of(1, in), down);
  }

  private static MergeOptions options(boolean allowPartial, AverageFate average) {
    return new MergeOptions(
        Precision.FLOAT, Optional.empty(), true, false, false, allowPartial, average);
  }

  /** One module that fits, of effect 1 · 320², and two that do not, of 4 · 320² and 4 · 320². */
  private Path mostlyStrange() {
    TensorFile lora = ones(new TensorFile(), ATTENTION + "1_to_q", 320, 320, 1);
    ones(lora, ATTENTION.replace("blocks_0_attn", "blocks_7_attn") + "1_to_q", 320, 320, 2);
    ones(lora, ATTENTION.replace("blocks_0_attn", "blocks_8_attn") + "1_to_q", 320, 320, 2);
    return lora.write(path("strange.safetensors"));
  }

  @Test
  void refusesALoraOfWhichMostHasNoPlaceAndSaysHowMuch() {
    Path base = base(Sample.sd1(DType.F16));

    Problem problem =
        Merging.of(base, new LoraInput(mostlyStrange(), 1)).failureInto(path("out.safetensors"));

    assertThat(problem.kind()).isEqualTo(Kind.INCOMPATIBLE);
    assertThat(problem.what()).isEqualTo("more than half of this LoRA would be left out");
    assertThat(problem.found().orElseThrow())
        .contains("2 of 3 modules without a place in the base")
        .endsWith("together 88.9 % of its effect");
    assertThat(problem.help().orElseThrow()).contains("--allow-partial");
    assertThat(Files.exists(path("out.safetensors"))).isFalse();
  }

  @Test
  void mergesTheRestWhenAllowedAndStillSaysHowMuchIsLeftOut() {
    Merging merging =
        Merging.of(base(Sample.sd1(DType.F16)), new LoraInput(mostlyStrange(), 1))
            .options(options(true, AverageFate.KEPT));
    try (PreparedMerge merge = merging.prepare()) {
      assertThat(merge.warnings())
          .contains("strange.safetensors: what is left out is 88.9 % of this LoRA's effect");
    }
    assertThat(merging.into(path("out.safetensors")).plan().merged()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "0, ''",
    "0.001, what is left out is less than 0.1 % of this LoRA's effect",
    "0.05, what is left out is 0.2 % of this LoRA's effect",
    "100, what is left out is more than 99.9 % of this LoRA's effect"
  })
  void saysOfASmallShareThatItIsSmallAndOfNoneNothing(float value, String said) {
    TensorFile lora = ones(new TensorFile(), ATTENTION + "1_to_q", 320, 320, 1);
    ones(lora, ATTENTION.replace("blocks_0_attn", "blocks_7_attn") + "1_to_q", 320, 320, value);
    Merging merging =
        Merging.of(
            base(Sample.sd1(DType.F16)), new LoraInput(lora.write(path("l.safetensors")), 1));
    try (PreparedMerge merge = merging.prepare()) {
      assertThat(
              merge.warnings().stream().filter(one -> one.contains("what is left out is")).toList())
          .isEqualTo(said.isEmpty() ? List.of() : List.of("l.safetensors: " + said));
    }
  }

  @Test
  void aTextEncoderThatTheBaseDoesNotHoldIsNoReasonToRefuse() {
    Path base =
        base(
            Sample.sd1(DType.F16).stream()
                .filter(tensor -> !tensor.key().startsWith(Sample.TEXT))
                .toList());
    TensorFile lora = ones(new TensorFile(), ATTENTION + "1_to_q", 320, 320, 1);
    for (int layer = 0; layer < 12; layer++) {
      ones(lora, TEXT.replace("layers_0", "layers_" + layer), 3072, 768, 1);
    }
    Merging merging = Merging.of(base, new LoraInput(lora.write(path("te.safetensors")), 1));
    try (PreparedMerge merge = merging.prepare()) {
      assertThat(merge.refusal()).isEmpty();
      assertThat(merge.warnings())
          .anyMatch(warning -> warning.contains("the checkpoint has no text encoder"));
    }
  }

  @Test
  void bundledEmbeddingsAreNoReasonToRefuse() {
    TensorFile lora = ones(new TensorFile(), ATTENTION + "1_to_q", 320, 320, 1);
    for (int word = 0; word < 9; word++) {
      lora.put("bundle_emb.w" + word + ".clip_l", DType.F32, Shape.of(1, 4), 1, 2, 3, 4);
    }
    Merging merging =
        Merging.of(
            base(Sample.sd1(DType.F16)), new LoraInput(lora.write(path("emb.safetensors")), 1));
    try (PreparedMerge merge = merging.prepare()) {
      assertThat(merge.refusal()).isEmpty();
    }
  }

  private Path baseWithAverage() {
    var tensors = new ArrayList<>(Sample.sd1(DType.F16));
    tensors.add(new TensorInfo(AVERAGE, DType.F16, Shape.of(320, 4, 3, 3)));
    tensors.add(new TensorInfo("model_ema.num_updates", DType.I32, Shape.of()));
    return base(tensors);
  }

  @Test
  void saysThatAMovingAverageStaysWithoutTheLoras() {
    Path base = baseWithAverage();
    Path lora = ones(new TensorFile(), ATTENTION + "1_to_q", 320, 320, 1).write(path("l.pt"));
    Merging merging = Merging.of(base, new LoraInput(lora, 1));
    try (PreparedMerge merge = merging.prepare()) {
      assertThat(merge.warnings())
          .anyMatch(warning ->
              warning.contains("moving average (EMA)") && warning.contains("--prune-ema"));
    }
    merging.into(path("out.safetensors"));
    assertThat(TensorFile.allBytes(path("out.safetensors")).get(AVERAGE))
        .isEqualTo(TensorFile.allBytes(base).get(AVERAGE));
  }

  @Test
  void leavesTheMovingAverageOutWhenAskedAndNothingElse() {
    Path base = baseWithAverage();
    Path lora = ones(new TensorFile(), ATTENTION + "1_to_q", 320, 320, 1).write(path("l.pt"));
    Merging merging =
        Merging.of(base, new LoraInput(lora, 1)).options(options(false, AverageFate.LEFT_OUT));
    try (PreparedMerge merge = merging.prepare()) {
      assertThat(merge.editSummary())
          .contains("the moving average (EMA) of the UNet left out (2 tensors)");
      assertThat(merge.warnings()).noneMatch(warning -> warning.contains("EMA"));
    }
    merging.into(path("out.safetensors"));
    Map<String, byte[]> before = TensorFile.allBytes(base);
    before.keySet().removeIf(key -> key.startsWith("model_ema."));
    assertThat(TensorFile.allBytes(path("out.safetensors")).keySet()).isEqualTo(before.keySet());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "module."})
  void mergesTheLorasIntoTheMovingAverageToo(String wrapper) {
    String weight = "model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn1.to_q.weight";
    String average = "model_ema.diffusion_modelinput_blocks11transformer_blocks0attn1to_qweight";
    var tensors = new ArrayList<>(Sample.sd1(DType.F16));
    tensors.add(new TensorInfo(AVERAGE, DType.F16, Shape.of(320, 4, 3, 3)));
    tensors.add(new TensorInfo(average, DType.F32, Shape.of(320, 320)));
    Path base =
        base(
            tensors.stream()
                .map(one -> new TensorInfo(wrapper + one.key(), one.dtype(), one.shape()))
                .toList());
    Path lora = ones(new TensorFile(), ATTENTION + "1_to_q", 320, 320, 1).write(path("l.pt"));
    Merging merging =
        Merging.of(base, new LoraInput(lora, 0.5)).options(options(false, AverageFate.MERGED_TOO));
    try (PreparedMerge merge = merging.prepare()) {
      assertThat(merge.editSummary())
          .contains("the moving average (EMA) of the UNet gets the same LoRAs (2 tensors)");
      assertThat(merge.warnings()).anyMatch(warning -> warning.contains("no moving average"));
      assertThat(merge.plan().merged()).isEqualTo(2);
    }
    Path out = path("out.safetensors");
    merging.into(out);
    for (String key : List.of(weight, average)) {
      float[] before = TensorFile.floats(base, wrapper + key);
      float[] after = TensorFile.floats(out, wrapper + key);
      for (int i = 0; i < before.length; i += 997) {
        assertThat(after[i]).as(key).isCloseTo(before[i] + 0.5f, within(1e-3f));
      }
    }
    assertThat(TensorFile.allBytes(out).get(wrapper + AVERAGE))
        .isEqualTo(TensorFile.allBytes(base).get(wrapper + AVERAGE));
  }

  @Test
  void aWrappedBaseKeepsItsKeysAndTakesTheLoraInEveryPart() {
    List<TensorInfo> wrapped =
        Sample.sd1(DType.F16).stream()
            .map(one -> new TensorInfo("module." + one.key(), one.dtype(), one.shape()))
            .toList();
    Path base = base(wrapped);
    TensorFile lora = ones(new TensorFile(), ATTENTION + "1_to_q", 320, 320, 1);
    Path file = ones(lora, TEXT, 3072, 768, 1).write(path("l.safetensors"));
    Path out = path("out.safetensors");

    Merging.of(base, new LoraInput(file, 0.5)).into(out);

    Map<String, byte[]> before = TensorFile.allBytes(base);
    Map<String, byte[]> after = TensorFile.allBytes(out);
    assertThat(after.keySet()).containsExactlyElementsOf(before.keySet());
    try (StateDict made = StateDicts.open(out)) {
      var model = ((Recognition.Checkpoint) Recognition.of(made.tensors())).model();
      assertThat(
              before.keySet().stream()
                  .filter(key -> !Arrays.equals(before.get(key), after.get(key)))
                  .map(model::componentOf))
          .containsExactlyInAnyOrder(Component.UNET, Component.TEXT_ENCODER);
    }
  }
}
