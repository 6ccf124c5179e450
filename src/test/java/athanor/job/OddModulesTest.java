package athanor.job;

import static athanor.testkit.Sample.UNET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.error.Kind;
import athanor.error.Problem;
import athanor.file.OutputTarget;
import athanor.kernel.Kernels;
import athanor.merge.lora.LoraFormat;
import athanor.merge.lora.resize.RankRule;
import athanor.merge.lora.resize.ResizeOptions;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.recipe.LoraInput;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import athanor.testkit.Delta64;
import athanor.testkit.Gen;
import athanor.testkit.LoraMerging;
import athanor.testkit.Merging;
import athanor.testkit.Sample;
import athanor.testkit.TensorFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Modules that are stored twice, are empty, or have an odd alpha, in whole merges. */
class OddModulesTest {
  private static final String NATIVE = "lora_unet_input_blocks_1_1_transformer_blocks_0_attn1_to_q";
  private static final String DIFFUSERS =
      "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q";
  private static final String OTHER =
      "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k";
  private static final String WEIGHT =
      UNET + "input_blocks.1.1.transformer_blocks.0.attn1.to_q.weight";

  @TempDir private Path folder;
  private final Gen gen = Gen.fixed(23);
  private final float[] up = coarse(320 * 4);
  private final float[] down = coarse(4 * 320);
  private Path base;

  /** Numbers that fp16 holds exactly. */
  private float[] coarse(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (gen.between(0, 256) - 128) / 1024f;
    }
    return values;
  }

  private Path file(String name) {
    return folder.resolve(name + ".safetensors");
  }

  @BeforeEach
  void aBase() {
    base = new TensorFile().random(Sample.corner(DType.F32), 0.05, gen).write(file("base"));
  }

  private TensorFile pair(TensorFile file, String module, DType dtype) {
    return file.put(module + ".lora_up.weight", dtype, Shape.of(320, 4), up)
        .put(module + ".lora_down.weight", dtype, Shape.of(4, 320), down);
  }

  private TensorFile other(TensorFile file) {
    return Sample.pair(file, OTHER, 320, 4, 768, DType.F16, gen);
  }

  private float[] merged(Path lora) {
    Merging.of(base, new LoraInput(lora, 1)).overwriting().into(file("merged"));
    return TensorFile.floats(file("merged"), WEIGHT);
  }

  private List<String> warnings(Path lora) {
    try (PreparedMerge merge = Merging.of(base, new LoraInput(lora, 1)).prepare()) {
      return merge.warnings();
    }
  }

  private Problem refusal(Path lora, double ratio) {
    return Merging.of(base, new LoraInput(lora, ratio)).failureInto(file("refused"));
  }

  private Path once() {
    return pair(new TensorFile(), NATIVE, DType.F32).write(file("once"));
  }

  private void assertCountedOnce(TensorFile twice) {
    Path lora = twice.write(file("twice"));
    assertThat(merged(lora)).isEqualTo(merged(once()));
    assertThat(warnings(lora)).anyMatch(warning -> warning.contains("1 module stored twice"));
  }

  @Test
  void aModuleUnderTwoSpellingsThatDifferByAnImpliedAlphaCountsOnce() {
    TensorFile twice = pair(new TensorFile(), NATIVE, DType.F32);
    pair(twice, DIFFUSERS, DType.F32);
    assertCountedOnce(twice.put(DIFFUSERS + ".alpha", DType.F32, Shape.of(), 4));
  }

  @Test
  void howAlphaIsStoredMakesNoDifference() {
    TensorFile twice = pair(new TensorFile(), NATIVE, DType.F32);
    pair(twice, DIFFUSERS, DType.F32)
        .put(NATIVE + ".alpha", DType.BF16, Shape.of(1), 4)
        .put(DIFFUSERS + ".scale", DType.F32, Shape.of(), 1);
    assertCountedOnce(twice);
  }

  @Test
  void howFactorsAreStoredMakesNoDifference() {
    TensorFile twice = pair(new TensorFile(), NATIVE, DType.F32);
    twice
        .put(DIFFUSERS + ".lora_up.weight", DType.F16, Shape.of(320, 4, 1, 1), up)
        .put(DIFFUSERS + ".lora_down.weight", DType.F16, Shape.of(4, 320, 1, 1), down);
    assertCountedOnce(twice);
  }

  @Test
  void twoSpellingsOfDifferentStrengthAreRefused() {
    TensorFile twice = pair(new TensorFile(), NATIVE, DType.F32);
    pair(twice, DIFFUSERS, DType.F32).put(DIFFUSERS + ".alpha", DType.F32, Shape.of(), 2);
    Problem problem = refusal(twice.write(file("twice")), 1);
    assertThat(problem.kind()).isEqualTo(Kind.BAD_FILE);
    assertThat(problem.what()).contains("change the same weights differently");
  }

  @Test
  void aModuleStoredTwiceIsWrittenOnceInAnotherSpelling() {
    TensorFile twice = pair(other(new TensorFile()), NATIVE, DType.F32);
    pair(twice, DIFFUSERS, DType.F32).put(DIFFUSERS + ".alpha", DType.F32, Shape.of(), 4);
    ConvertReport report = convert(twice.write(file("twice")), LoraFormat.PEFT);
    assertThat(report.tensors()).isEqualTo(4);
    assertThat(report.warnings()).anyMatch(note -> note.contains("stored twice"));
    assertThat(merged(file("converted"))).isEqualTo(merged(once()));
  }

  private ConvertReport convert(Path lora, LoraFormat format) {
    var options = new ConvertOptions(Optional.empty(), Optional.of(format), false, true, false);
    return new ConvertRun(Kernels.create(), 2, Progress.NONE, new Cancellation())
        .run(lora, options, OutputTarget.of(file("converted"), false));
  }

  private static TensorFile empty(TensorFile file, String module) {
    return file.put(module + ".lora_up.weight", DType.F32, Shape.of(320, 0))
        .put(module + ".lora_down.weight", DType.F32, Shape.of(0, 320))
        .put(module + ".alpha", DType.F32, Shape.of(), 4);
  }

  /** A pair, and a module that pruning by rank has emptied. */
  private Path pruned() {
    TensorFile lora = empty(other(new TensorFile()), DIFFUSERS);
    return lora.write(file("pruned"));
  }

  @Test
  void aModuleOfRankNoughtIsLeftOutAndSaid() {
    Path lora = pruned();
    assertThat(merged(lora)).isEqualTo(TensorFile.floats(base, WEIGHT));
    assertThat(warnings(lora))
        .contains("pruned.safetensors: 1 module of rank 0 left out (" + DIFFUSERS + ")");
    try (PreparedMerge merge = Merging.of(base, new LoraInput(lora, 1)).prepare()) {
      var planned = merge.plan().loras().getFirst();
      assertThat(planned.applied()).isEqualTo(1);
      assertThat(planned.match().total()).isEqualTo(2);
    }
  }

  @Test
  void aModuleOfRankNoughtIsLeftOutOfEveryOtherResult() {
    Path lora = pruned();
    LoraMerging.of(new LoraInput(lora, 1)).into(file("sum"));
    convert(lora, LoraFormat.PEFT);
    var ranks =
        new ResizeOptions(new RankRule.Fixed(), 2, 2, OptionalLong.empty(), Optional.empty());
    LoraReport report =
        new ResizeRun(Kernels.create(), 1, Progress.NONE, new Cancellation())
            .run(lora, ranks, OutputTarget.of(file("resized"), false));
    assertThat(report.warnings()).anyMatch(note -> note.contains("1 module of rank 0 left out"));
    for (String name : List.of("sum", "converted", "resized")) {
      assertThat(Delta64.of(file(name))).as(name).hasSize(1);
      assertThat(TensorFile.allBytes(file(name)).keySet()).noneMatch(key -> key.contains("attn1"));
    }
  }

  @Test
  void aLohaOfRankNoughtIsLeftOutToo() {
    TensorFile lora = other(new TensorFile());
    for (String half : List.of("w1", "w2")) {
      lora.put(DIFFUSERS + ".hada_" + half + "_a", DType.F32, Shape.of(320, 0))
          .put(DIFFUSERS + ".hada_" + half + "_b", DType.F32, Shape.of(0, 320));
    }
    Path file = lora.write(file("loha"));
    assertThat(merged(file)).isEqualTo(TensorFile.floats(base, WEIGHT));
    assertThat(warnings(file)).anyMatch(note -> note.contains("1 module of rank 0 left out"));
  }

  @Test
  void aLoraOfNothingButRankNoughtChangesNothing() {
    Problem problem = refusal(empty(new TensorFile(), DIFFUSERS).write(file("empty")), 1);
    assertThat(problem.kind()).isEqualTo(Kind.INCOMPATIBLE);
    assertThat(problem.line()).contains("1 modules of rank 0, which change nothing");
    Path empty = file("empty");
    assertThatThrownBy(() -> convert(empty, LoraFormat.PEFT))
        .hasMessageContaining("no modules to write");
  }

  @Test
  void halfAnEmptyPairIsBroken() {
    TensorFile lora =
        other(new TensorFile())
            .put(DIFFUSERS + ".lora_up.weight", DType.F32, Shape.of(320, 0))
            .put(DIFFUSERS + ".lora_down.weight", DType.F32, Shape.of(4, 320), down);
    assertThat(refusal(lora.write(file("half")), 1).kind()).isEqualTo(Kind.BAD_FILE);
  }

  @ParameterizedTest
  @CsvSource({"1", "-0.5"})
  void alphasOf0AtARatioThatIsNotMeanThatNothingWouldChange(double ratio) {
    Path lora =
        pair(new TensorFile(), NATIVE, DType.F32)
            .put(NATIVE + ".alpha", DType.F32, Shape.of(), 0)
            .write(file("silent"));
    for (Problem problem :
        List.of(
            refusal(lora, ratio),
            LoraMerging.of(new LoraInput(lora, ratio)).failureInto(file("sum")))) {
      assertThat(problem.kind()).isEqualTo(Kind.INCOMPATIBLE);
      assertThat(problem.line()).contains("changes nothing", "alpha 0 in all of its modules");
    }
    Merging.of(base, new LoraInput(lora, 0)).into(file("copy"));
    assertThat(file("copy")).exists();
  }

  @ParameterizedTest
  @CsvSource({"F8_E4M3", "F8_E5M2"})
  void alphasAndFactorsOfFp8AreRead(DType fp8) {
    TensorFile narrow = new TensorFile();
    pair(narrow, NATIVE, fp8).put(NATIVE + ".alpha", fp8, Shape.of(), 14);
    Path lora = narrow.write(file("fp8"));
    TensorFile wide =
        new TensorFile()
            .put(
                NATIVE + ".lora_up.weight",
                DType.F32,
                Shape.of(320, 4),
                TensorFile.floats(lora, NATIVE + ".lora_up.weight"))
            .put(
                NATIVE + ".lora_down.weight",
                DType.F32,
                Shape.of(4, 320),
                TensorFile.floats(lora, NATIVE + ".lora_down.weight"))
            .put(NATIVE + ".alpha", DType.F32, Shape.of(), 14);
    assertThat(merged(lora)).isEqualTo(merged(wide.write(file("wide"))));
  }

  /** 0x7F of e4m3fn is its NaN. */
  @Test
  void anAlphaThatIsTheNanOfFp8IsRefused() {
    TensorFile lora = pair(new TensorFile(), NATIVE, DType.F16);
    lora.put(new TensorInfo(NATIVE + ".alpha", DType.F8_E4M3, Shape.of()), new byte[] {0x7f});
    assertThat(refusal(lora.write(file("nan")), 1).what()).contains("alpha is not a finite number");
  }
}
