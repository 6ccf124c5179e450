package athanor.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.file.OutputTarget;
import athanor.kernel.Kernels;
import athanor.merge.lora.LoraFormat;
import athanor.model.TargetIndex;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.recipe.LoraInput;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.testkit.Gen;
import athanor.testkit.Known;
import athanor.testkit.LoraMerging;
import athanor.testkit.Merging;
import athanor.testkit.Sample;
import athanor.testkit.TensorFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * LoRAs in the spellings of other programs: the same bytes on the way back, the same effect on a
 * checkpoint, or a refusal that says what cannot be said.
 */
class LoraSpellingsTest {
  private static final int WIDTH = 3072;
  private static final int RANK = 2;
  private static final String QKV = "double_blocks.0.img_attn.qkv.weight";
  private static final String LINEAR = "single_blocks.0.linear1.weight";
  private static final String MODULATION = "final_layer.adaLN_modulation.1.weight";
  private static final String ATTENTION = "transformer.transformer_blocks.0.attn.";
  private static final String SINGLE = "transformer.single_transformer_blocks.0.";
  private static final String UNET =
      "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q";
  private static final String TEXT = "lora_te_text_model_encoder_layers_0_self_attn_q_proj";

  @TempDir private Path folder;
  private final Gen gen = Gen.fixed(7);

  private Path file(String name) {
    return folder.resolve(name + ".safetensors");
  }

  private ConvertReport convert(Path input, LoraFormat format, Path output) {
    var options = new ConvertOptions(Optional.empty(), Optional.of(format), false, true, false);
    return new ConvertRun(Kernels.create(), 2, Progress.NONE, new Cancellation())
        .run(input, options, OutputTarget.of(output, false));
  }

  private TensorFile kohya(TensorFile lora, String module, int rows, float alpha) {
    return lora.random(module + ".lora_up.weight", DType.F16, Shape.of(rows, RANK), 0.5, gen)
        .random(module + ".lora_down.weight", DType.F16, Shape.of(RANK, WIDTH), 0.1, gen)
        .put(module + ".alpha", DType.F16, Shape.of(), alpha);
  }

  private TensorFile peft(TensorFile lora, String module, int rows, int rank) {
    return lora.random(module + ".lora_B.weight", DType.BF16, Shape.of(rows, rank), 0.5, gen)
        .random(module + ".lora_A.weight", DType.BF16, Shape.of(rank, WIDTH), 0.1, gen);
  }

  /** Fused modules of FLUX.1, and one whose halves diffusers exchanges. */
  private TensorFile fluxOfKohya(float alpha) {
    TensorFile lora =
        kohya(new TensorFile(), "lora_unet_double_blocks_0_img_attn_qkv", 9216, alpha);
    kohya(lora, "lora_unet_double_blocks_0_img_attn_proj", 3072, alpha);
    kohya(lora, "lora_unet_single_blocks_0_linear1", 21504, alpha);
    return kohya(lora, "lora_unet_final_layer_adaLN_modulation_1", 6144, alpha);
  }

  /** Parts of them, of different ranks, some missing. */
  private TensorFile fluxOfDiffusers() {
    TensorFile lora = peft(new TensorFile(), ATTENTION + "to_q", 3072, 3);
    peft(lora, ATTENTION + "to_v", 3072, 1);
    peft(lora, SINGLE + "proj_mlp", 12288, 2);
    peft(lora, SINGLE + "attn.to_k", 3072, 4);
    return peft(lora, "transformer.norm_out.linear", 6144, 2);
  }

  private Path base() {
    return new TensorFile()
        .random("img_in.weight", DType.BF16, Shape.of(3072, 64), 1, gen)
        .random("double_blocks.0.img_attn.norm.key_norm.scale", DType.BF16, Shape.of(128), 1, gen)
        .random("double_blocks.0.img_attn.proj.weight", DType.BF16, Shape.of(3072, WIDTH), 1, gen)
        .random(QKV, DType.BF16, Shape.of(9216, WIDTH), 0.1, gen)
        .random(LINEAR, DType.BF16, Shape.of(21504, WIDTH), 0.1, gen)
        .random(MODULATION, DType.F32, Shape.of(6144, WIDTH), 0.1, gen)
        .write(file("base"));
  }

  private static void assertSameBytes(Path one, Path other) {
    Map<String, byte[]> before = TensorFile.allBytes(one);
    Map<String, byte[]> after = TensorFile.allBytes(other);
    assertThat(after.keySet()).isEqualTo(before.keySet());
    before.forEach((key, bytes) -> assertThat(after.get(key)).as(key).isEqualTo(bytes));
  }

  private static Set<String> modules(Path lora) {
    Set<String> modules = new TreeSet<>();
    for (String key : TensorFile.allBytes(lora).keySet()) {
      modules.add(key.replaceFirst("\\.(lora_.*|alpha)$", ""));
    }
    return modules;
  }

  /** Each weight of a base merged with both; sums of other order may round otherwise. */
  private void assertSameEffect(Path original, Path respelled) {
    Path base = base();
    Merging.of(base, new LoraInput(original, 0.75)).into(file("one"));
    Merging.of(base, new LoraInput(respelled, 0.75)).into(file("other"));
    for (String key : List.of(QKV, LINEAR)) {
      float[] left = TensorFile.floats(file("one"), key);
      float[] right = TensorFile.floats(file("other"), key);
      int different = 0;
      for (int i = 0; i < left.length; i++) {
        different += left[i] == right[i] ? 0 : 1;
        assertThat(Math.abs(left[i] - right[i])).isLessThanOrEqualTo(Math.ulp(left[i]) * 0x1p16f);
      }
      assertThat(different).as(key).isLessThan(left.length / 1000);
    }
    float[] left = TensorFile.floats(file("one"), MODULATION);
    float[] right = TensorFile.floats(file("other"), MODULATION);
    for (int i = 0; i < left.length; i++) {
      assertThat(Math.abs(left[i] - right[i])).isLessThan(1e-6f);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = LoraFormat.class,
      names = {"COMFY", "ONETRAINER"})
  void aLoraOfAUnetComesBackByteForByte(LoraFormat format) {
    TensorFile lora = Sample.pair(new TensorFile(), UNET, 320, 8, 320, DType.F16, gen);
    Sample.pair(lora, TEXT, 768, 8, 768, DType.BF16, gen);
    Path input =
        lora.put(UNET + ".alpha", DType.F16, Shape.of(), 3)
            .put(TEXT + ".alpha", DType.F32, Shape.of(), 1.3f)
            .write(file("in"));
    convert(input, format, file("there"));
    convert(file("there"), LoraFormat.KOHYA, file("back"));
    assertSameBytes(input, file("back"));
  }

  @Test
  void comfyAndOneTrainerHaveTheirOwnNames() {
    TensorFile lora = Sample.pair(new TensorFile(), UNET, 320, 8, 320, DType.F16, gen);
    Path input = Sample.pair(lora, TEXT, 768, 8, 768, DType.F16, gen).write(file("in"));
    convert(input, LoraFormat.COMFY, file("comfy"));
    assertThat(modules(file("comfy")))
        .containsExactly(
            "diffusion_model.input_blocks.1.1.transformer_blocks.0.attn1.to_q",
            "text_encoders.clip_l.transformer.text_model.encoder.layers.0.self_attn.q_proj");
    convert(input, LoraFormat.ONETRAINER, file("onetrainer"));
    assertThat(modules(file("onetrainer"))).containsExactlyInAnyOrder(UNET, TEXT);
  }

  @ParameterizedTest
  @EnumSource(LoraFormat.class)
  void fusedModulesComeBackByteForByte(LoraFormat format) {
    Path input = fluxOfKohya(RANK).write(file("in"));
    convert(input, format, file("there"));
    convert(file("there"), LoraFormat.KOHYA, file("back"));
    assertSameBytes(input, file("back"));
  }

  @Test
  void fusedModulesAreSplitIntoThoseThatDiffusersKnows() {
    convert(fluxOfKohya(RANK).write(file("in")), LoraFormat.PEFT, file("out"));
    assertThat(modules(file("out")))
        .containsExactlyInAnyOrder(
            ATTENTION + "to_q",
            ATTENTION + "to_k",
            ATTENTION + "to_v",
            ATTENTION + "to_out.0",
            SINGLE + "attn.to_q",
            SINGLE + "attn.to_k",
            SINGLE + "attn.to_v",
            SINGLE + "proj_mlp",
            "transformer.norm_out.linear");
  }

  @Test
  void aSplitLoraDoesTheSame() {
    Path input = fluxOfKohya(1).write(file("in"));
    ConvertReport report = convert(input, LoraFormat.PEFT, file("out"));
    assertThat(report.warnings())
        .anyMatch(note -> note.startsWith("2 fused modules were split into 7"))
        .anyMatch(note -> note.startsWith("the rows of 1 modules are in the order"));
    assertSameEffect(input, file("out"));
  }

  @Test
  void aJoinedLoraDoesTheSame() {
    Path input = fluxOfDiffusers().write(file("in"));
    ConvertReport report = convert(input, LoraFormat.KOHYA, file("out"));
    assertThat(report.warnings())
        .anyMatch(note -> note.startsWith("4 modules were joined into 2 fused ones"));
    assertThat(modules(file("out")))
        .containsExactly(
            "lora_unet_double_blocks_0_img_attn_qkv",
            "lora_unet_final_layer_adaLN_modulation_1",
            "lora_unet_single_blocks_0_linear1");
    assertThat(TensorFile.floats(file("out"), "lora_unet_double_blocks_0_img_attn_qkv.alpha"))
        .as("the ranks of the parts add up")
        .containsExactly(4);
    assertSameEffect(input, file("out"));
  }

  @Test
  void aSumOfLorasIsSplitWhereOnlyThePartsHaveNames() {
    Path input =
        kohya(new TensorFile(), "lora_unet_double_blocks_0_img_attn_qkv", 9216, RANK)
            .write(file("in"));
    LoraMerging.of(new LoraInput(input, 0.5)).peft().into(file("sum"));
    assertThat(modules(file("sum")))
        .containsExactlyInAnyOrder(ATTENTION + "to_q", ATTENTION + "to_k", ATTENTION + "to_v");
  }

  @Test
  void aSumWhosePartsHaveNoNamesIsWrittenAsKohyasAndJoined() {
    Path input = fluxOfDiffusers().write(file("in"));
    LoraMerging.of(new LoraInput(input, 1)).into(file("sum"));
    convert(file("sum"), LoraFormat.COMFY, file("out"));
    assertThat(modules(file("out")))
        .containsExactly(
            "diffusion_model.double_blocks.0.img_attn.qkv",
            "diffusion_model.final_layer.adaLN_modulation.1",
            "diffusion_model.single_blocks.0.linear1");
    assertThatThrownBy(() ->
            LoraFormat.COMFY.moduleName(
                TargetIndex.ofReference(Known.FLUX_1)
                    .orElseThrow()
                    .find(ATTENTION + "to_q")
                    .orElseThrow()))
        .isInstanceOfSatisfying(
            AthanorException.class,
            e -> assertThat(e.problem().help().orElse("")).contains("convert", "--format comfy"));
  }

  private void assertRefused(Path input, LoraFormat format, String... texts) {
    Path output = file("refused");
    assertThatThrownBy(() -> convert(input, format, output))
        .isInstanceOfSatisfying(
            AthanorException.class,
            e -> {
              assertThat(e.problem().kind()).isEqualTo(Kind.INCOMPATIBLE);
              assertThat(e.getMessage() + e.problem().help()).contains(texts);
            });
    assertThat(Files.exists(output)).isFalse();
  }

  @Test
  void refusesPartsWhoseScalesDiffer() {
    TensorFile lora = fluxOfDiffusers().put(ATTENTION + "to_q.alpha", DType.F32, Shape.of(), 1.5f);
    assertRefused(lora.write(file("in")), LoraFormat.KOHYA, "cannot be joined", "--to lora");
  }

  @Test
  void refusesToSplitWhatIsNoPair() {
    String module = "lora_unet_double_blocks_0_img_attn_qkv";
    Path input =
        kohya(new TensorFile(), "lora_unet_double_blocks_0_img_attn_proj", 3072, RANK)
            .random(module + ".lokr_w1", DType.F16, Shape.of(96, 32), 0.1, gen)
            .random(module + ".lokr_w2", DType.F16, Shape.of(96, 96), 0.1, gen)
            .write(file("in"));
    assertRefused(input, LoraFormat.ONETRAINER, module, "only plain pairs", "LoKr", "--to lora");
  }

  @Test
  void refusesScalesThatAiToolkitHasNoPlaceFor() {
    Path input = fluxOfKohya(3).write(file("in"));
    assertRefused(
        input, LoraFormat.AI_TOOLKIT, "no place for this scale", "--to lora --format ai-toolkit");
  }

  @Test
  void saysThatAiToolkitWritesKohyasNamesForUnets() {
    Path input = Sample.pair(new TensorFile(), UNET, 320, 8, 320, DType.F16, gen).write(file("in"));
    assertRefused(input, LoraFormat.AI_TOOLKIT, "ai-toolkit has no name", "--format kohya");
  }

  @Test
  void refusesToSplitFactorsOf64Bits() {
    String module = "lora_unet_double_blocks_0_img_attn_qkv";
    Path input =
        new TensorFile()
            .random(module + ".lora_up.weight", DType.F64, Shape.of(9216, RANK), 0.5, gen)
            .random(module + ".lora_down.weight", DType.F64, Shape.of(RANK, WIDTH), 0.1, gen)
            .write(file("in"));
    assertRefused(input, LoraFormat.PEFT, module, "64 bits", "--save_precision float");
  }

  @Test
  void refusesAWholeBesideItsPart() {
    TensorFile lora = kohya(new TensorFile(), "lora_unet_double_blocks_0_img_attn_qkv", 9216, 2);
    Path input = peft(lora, ATTENTION + "to_k", 3072, 1).write(file("in"));
    assertThatThrownBy(() -> convert(input, LoraFormat.PEFT, file("out")))
        .hasMessageContaining("change the same weights");
    assertThatThrownBy(() -> convert(input, LoraFormat.KOHYA, file("out")))
        .hasMessageContaining("change the same weights");
  }
}
