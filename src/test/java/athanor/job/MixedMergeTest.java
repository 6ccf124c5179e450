package athanor.job;

import static athanor.testkit.Sample.TEXT;
import static athanor.testkit.Sample.UNET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import athanor.error.Kind;
import athanor.error.Problem;
import athanor.merge.plan.Strength;
import athanor.recipe.LoraInput;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import athanor.testkit.Gen;
import athanor.testkit.Known;
import athanor.testkit.Merging;
import athanor.testkit.Sample;
import athanor.testkit.TensorFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints mixed with checkpoints: whole merges of small cuttings with real keys. */
class MixedMergeTest {
  private static final String QUERY =
      UNET + "input_blocks.1.1.transformer_blocks.0.attn1.to_q.weight";
  private static final String BIAS = UNET + "time_embed.0.bias";
  private static final String FIRST = UNET + "input_blocks.0.0.weight";

  @TempDir private Path folder;
  private final Gen gen = Gen.seeded("mixes");

  private List<TensorInfo> tensors(DType dtype) {
    List<TensorInfo> all = new ArrayList<>(Sample.corner(dtype));
    all.addAll(
        Sample.cutting(
            Known.SD1,
            dtype,
            TEXT + "embeddings.position_ids",
            "alphas_cumprod",
            "first_stage_model.quant_conv."));
    return all;
  }

  private Path a;
  private Path b;
  private Path c;

  @BeforeEach
  void writeCheckpoints() {
    a = checkpoint("a", DType.F16);
    b = checkpoint("b", DType.F16);
    c = checkpoint("c", DType.F16);
  }

  private Path checkpoint(String name, DType dtype) {
    return new TensorFile()
        .random(tensors(dtype), 1, gen)
        .write(folder.resolve(name + ".safetensors"));
  }

  private Path out() {
    return folder.resolve("out.safetensors");
  }

  /** What a value must be: computed in float64, rounded once to fp16. */
  private static void assertMixed(Path made, String key, IntToDoubleFunction expected) {
    float[] values = TensorFile.floats(made, key);
    for (int i = 0; i < values.length; i++) {
      float rounded = Float.float16ToFloat(Float.floatToFloat16((float) expected.applyAsDouble(i)));
      assertThat(values[i]).as(key + " " + i).isEqualTo(rounded);
    }
  }

  private static float[] of(Path file, String key) {
    return TensorFile.floats(file, key);
  }

  @Test
  void theBaseGetsTheRestOfAWeightedSum() {
    Merging.of(a).mix(b, 0.4).mix(c, 0.2).into(out());

    for (String key : List.of(QUERY, BIAS, FIRST, "first_stage_model.quant_conv.weight")) {
      float[] base = of(a, key);
      float[] second = of(b, key);
      float[] third = of(c, key);
      assertMixed(out(), key, i -> (1 - 0.4 - 0.2) * base[i] + 0.4 * second[i] + 0.2 * third[i]);
    }
  }

  @Test
  void ratiosMayBeNegativeAndAboveOne() {
    Merging.of(a).mix(b, -0.5).mix(c, 1.75).into(out());

    float[] base = of(a, QUERY);
    float[] second = of(b, QUERY);
    float[] third = of(c, QUERY);
    assertMixed(out(), QUERY, i -> -0.25 * base[i] - 0.5 * second[i] + 1.75 * third[i]);
  }

  @Test
  void aDifferenceIsAdded() {
    Merging.of(a).add(b, c, 0.8).into(out());

    float[] base = of(a, QUERY);
    float[] plus = of(b, QUERY);
    float[] minus = of(c, QUERY);
    assertMixed(out(), QUERY, i -> base[i] + 0.8 * plus[i] - 0.8 * minus[i]);
  }

  @Test
  void scheduleAndPositionIdsStayThoseOfTheBase() {
    Merging.of(a).mix(b, 0.5).into(out());

    Map<String, byte[]> made = TensorFile.allBytes(out());
    Map<String, byte[]> base = TensorFile.allBytes(a);
    for (String key : List.of("alphas_cumprod", TEXT + "embeddings.position_ids")) {
      assertThat(made.get(key)).isEqualTo(base.get(key));
    }
  }

  @Test
  void aCheckpointMixedAtOneIsThatCheckpoint() {
    Merging.of(a).mix(b, 1).into(out());

    assertThat(TensorFile.allBytes(out()).get(QUERY)).isEqualTo(TensorFile.allBytes(b).get(QUERY));
  }

  @Test
  void aCheckpointMixedWithItselfIsUnchangedWhateverTheRatio() {
    MergeReport report = Merging.of(a).mix(a, gen.between(-300, 300) / 100.0).into(out());

    Map<String, byte[]> base = TensorFile.allBytes(a);
    TensorFile.allBytes(out())
        .forEach((key, bytes) -> assertThat(bytes).as(key).isEqualTo(base.get(key)));
    assertThat(report.findings().differing()).isEmpty();
  }

  @Test
  void weightsThatSumUpCommute() {
    double share = gen.between(1, 99) / 100.0;
    Merging.of(a).mix(b, share).into(out());
    Path other = folder.resolve("other.safetensors");
    Merging.of(b).mix(a, 1 - share).into(other);

    float[] one = of(out(), QUERY);
    float[] two = of(other, QUERY);
    for (int i = 0; i < one.length; i++) {
      float ulp = Math.ulp(one[i]) * (1 << 13);
      assertThat(Math.abs(one[i] - two[i])).isLessThanOrEqualTo(ulp);
    }
  }

  @Test
  void aDifferenceAddedAndTakenAwayAgainLeavesTheBase() {
    Path wide = checkpoint("wide", DType.F32);
    double ratio = gen.between(1, 200) / 100.0;
    Merging.of(wide).add(b, c, ratio).into(out());
    Path back = folder.resolve("back.safetensors");
    Merging.of(out()).add(c, b, ratio).into(back);

    float[] before = of(wide, QUERY);
    float[] after = of(back, QUERY);
    for (int i = 0; i < before.length; i++) {
      assertThat(Math.abs(after[i] - before[i])).isLessThan(1e-6f);
    }
  }

  @Test
  void lorasGoOnTopOfTheMixWithOneRounding() {
    Path lora = lora();
    Merging.of(a, new LoraInput(lora, 0.5)).mix(b, 0.25).into(out());

    float[] base = of(a, QUERY);
    float[] second = of(b, QUERY);
    float[] up = of(lora, MODULE + ".lora_up.weight");
    float[] down = of(lora, MODULE + ".lora_down.weight");
    float[] made = of(out(), QUERY);
    for (int i = 0; i < made.length; i++) {
      int row = i / 320;
      int column = i % 320;
      double delta =
          (double) up[2 * row] * down[column] + (double) up[2 * row + 1] * down[320 + column];
      double exact = 0.75 * base[i] + 0.25 * second[i] + 0.5 * delta;
      double halfAnUlp = Math.max(0x1p-25, Math.ulp((float) exact) * (1 << 12));
      assertThat((double) made[i]).isCloseTo(exact, within(1.001 * halfAnUlp));
    }
  }

  @Test
  void mixingMergedCheckpointsEqualsMergingTheMixed() {
    Path lora = lora();
    Path a32 = checkpoint("a32", DType.F32);
    Path b32 = checkpoint("b32", DType.F32);
    Path merged = folder.resolve("merged.safetensors");
    Path mergedToo = folder.resolve("mergedToo.safetensors");
    Merging.of(a32, new LoraInput(lora, 0.5)).into(merged);
    Merging.of(b32, new LoraInput(lora, 0.5)).into(mergedToo);
    Merging.of(merged).mix(mergedToo, 0.3).into(out());
    Path other = folder.resolve("other.safetensors");
    Merging.of(a32, new LoraInput(lora, 0.5)).mix(b32, 0.3).into(other);

    float[] one = of(out(), QUERY);
    float[] two = of(other, QUERY);
    for (int i = 0; i < one.length; i++) {
      assertThat(one[i]).isCloseTo(two[i], within(1e-6f));
    }
  }

  private static final String MODULE =
      "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q";

  private Path lora() {
    var file = new TensorFile();
    Sample.pair(file, MODULE, 320, 2, 320, DType.F16, gen);
    return file.write(folder.resolve("lora.safetensors"));
  }

  @Test
  void theSameBytesForAnyNumberOfThreads() {
    Path one = folder.resolve("one.safetensors");
    Path many = folder.resolve("many.safetensors");
    Merging.of(a).mix(b, 0.3).add(b, c, 0.7).threads(1).into(one);
    Merging.of(a).mix(b, 0.3).add(b, c, 0.7).threads(5).into(many);

    assertThat(TensorFile.allBytes(many)).containsOnlyKeys(TensorFile.allBytes(one).keySet());
    TensorFile.allBytes(one)
        .forEach((key, bytes) ->
            assertThat(TensorFile.allBytes(many).get(key)).as(key).isEqualTo(bytes));
  }

  @Test
  void otherTypesAndContainersMix() {
    Path bf16 =
        new TensorFile()
            .random(tensors(DType.BF16), 1, gen)
            .writeTorch(folder.resolve("b.ckpt"), true);
    Merging.of(a).mix(bf16, 0.5).into(out());

    float[] base = of(a, QUERY);
    float[] second = of(bf16, QUERY);
    assertMixed(out(), QUERY, i -> 0.5 * base[i] + 0.5 * second[i]);
  }

  @Test
  void otherSpellingsOfTheSameKeysMix() {
    Path bare = respelled("bare", key -> key.replace("model.diffusion_model.", ""));
    MergeReport report = Merging.of(a).mix(bare, 0.5).into(out());
    float[] base = of(a, QUERY);
    float[] second = of(b, QUERY);
    assertMixed(out(), QUERY, i -> 0.5 * base[i] + 0.5 * second[i]);
    assertThat(report.plan().combined(0)).isEqualTo(report.plan().combinable());

    Path old = respelled("old", key -> key.replace(".text_model.", "."));
    String text = TEXT + "encoder.layers.0.self_attn.q_proj.weight";
    Path other = folder.resolve("o2.safetensors");
    Merging.of(a).mix(old, 0.5).into(other);
    float[] ours = of(a, text);
    float[] theirs = of(b, text);
    assertMixed(other, text, i -> 0.5 * ours[i] + 0.5 * theirs[i]);
  }

  private Path respelled(String name, UnaryOperator<String> spelling) {
    var file = new TensorFile();
    TensorFile.allBytes(b)
        .forEach((key, bytes) ->
            tensors(DType.F16).stream()
                .filter(tensor -> tensor.key().equals(key))
                .forEach(tensor ->
                    file.put(
                        new TensorInfo(spelling.apply(key), tensor.dtype(), tensor.shape()),
                        bytes)));
    return file.write(folder.resolve(name + ".safetensors"));
  }

  @Test
  void whatTheOtherLacksIsKeptAndSaid() {
    Path part =
        new TensorFile()
            .random(Sample.corner(DType.F16), 1, gen)
            .remove(BIAS)
            .write(folder.resolve("part.safetensors"));
    try (PreparedMerge merge = Merging.of(a).mix(part, 0.5).prepare()) {
      assertThat(merge.warnings())
          .anyMatch(warning ->
              warning.contains("part.safetensors lacks 3 weights (such as ")
                  && warning.contains("there the base is kept"));
    }
    MergeReport report = Merging.of(a).mix(part, 0.5).into(out());

    assertThat(TensorFile.allBytes(out()).get(BIAS)).isEqualTo(TensorFile.allBytes(a).get(BIAS));
    assertThat(report.plan().combinable() - report.plan().combined(0)).isEqualTo(3);
  }

  @Test
  void anInpaintingBaseGetsItsFirstFourChannelsMixed() {
    Path inpainting = inpainting("inpainting");
    Merging.of(inpainting).mix(b, 0.5).into(out());

    float[] base = of(inpainting, FIRST);
    float[] plain = of(b, FIRST);
    assertMixed(
        out(),
        FIRST,
        i -> {
          int column = i % 81;
          return column < 36 ? 0.5 * base[i] + 0.5 * plain[i / 81 * 36 + column] : base[i];
        });
  }

  @Test
  void theDifferenceOfPlainModelsMakesACustomInpaintingModel() {
    Path inpainting = inpainting("inpainting");
    Merging.of(inpainting).add(b, c, 1).into(out());

    float[] base = of(inpainting, FIRST);
    float[] plus = of(b, FIRST);
    float[] minus = of(c, FIRST);
    assertMixed(
        out(),
        FIRST,
        i -> {
          int column = i % 81;
          int at = i / 81 * 36 + column;
          return column < 36 ? (double) base[i] + plus[at] - minus[at] : base[i];
        });
  }

  private Path inpainting(String name) {
    return new TensorFile()
        .random(tensors(DType.F16), 1, gen)
        .random(FIRST, DType.F16, Shape.of(320, 9, 3, 3), 1, gen)
        .write(folder.resolve(name + ".safetensors"));
  }

  @Test
  void aPlainBaseRefusesAnInpaintingModel() {
    Problem problem = Merging.of(a).mix(inpainting("inpainting"), 0.5).failureInto(out());

    assertThat(problem.kind()).isEqualTo(Kind.INCOMPATIBLE);
    assertThat(problem.line()).contains("it must be the base").contains("9 input channels");
    assertThat(out()).doesNotExist();
  }

  @Test
  void anotherArchitectureIsRefusedByName() {
    Path sdxl =
        new TensorFile()
            .random(Sample.sdxl(DType.F16), 1, gen)
            .write(folder.resolve("xl.safetensors"));
    Problem problem = Merging.of(a).mix(sdxl, 0.5).failureInto(out());

    assertThat(problem.kind()).isEqualTo(Kind.INCOMPATIBLE);
    assertThat(problem.line()).contains("different architectures", "SD 1.x", "xl.safetensors");
  }

  @Test
  void aLoraIsNoCheckpointToMix() {
    Problem problem = Merging.of(a).mix(lora(), 0.5).failureInto(out());

    assertThat(problem.kind()).isEqualTo(Kind.INCOMPATIBLE);
    assertThat(problem.line()).contains("is a LoRA, not a checkpoint");
  }

  @Test
  void filtersAndTextEncoderRatiosChooseWhatIsMixed() {
    var strength =
        new Strength(0.5, Optional.of(0.25), Optional.empty(), List.of(), List.of("time_embed"));
    Merging.of(a).mix(b, strength).into(out());

    String text = TEXT + "encoder.layers.0.self_attn.q_proj.weight";
    float[] base = of(a, text);
    float[] second = of(b, text);
    assertMixed(out(), text, i -> 0.75 * base[i] + 0.25 * second[i]);
    assertThat(TensorFile.allBytes(out()).get(BIAS)).isEqualTo(TensorFile.allBytes(a).get(BIAS));
  }

  @Test
  void filtersThatLeaveNothingAreRefused() {
    var strength =
        new Strength(0.5, Optional.empty(), Optional.empty(), List.of("nowhere"), List.of());
    Problem problem = Merging.of(a).mix(b, strength).failureInto(out());

    assertThat(problem.line()).contains("nothing of this checkpoint", "only nowhere");
  }

  @Test
  void identicalWeightsAreCountedAndKept() {
    var half = new TensorFile().random(tensors(DType.F16), 1, gen);
    float[] same = of(a, QUERY);
    half.put(QUERY, DType.F16, Shape.of(320, 320), same);
    Path other = half.write(folder.resolve("half.safetensors"));
    MergeReport report = Merging.of(a).mix(other, 0.5).into(out());

    assertThat(TensorFile.allBytes(out()).get(QUERY)).isEqualTo(TensorFile.allBytes(a).get(QUERY));
    assertThat(report.findings().differing().get(0)).isEqualTo(report.plan().combinable() - 1);
  }
}
