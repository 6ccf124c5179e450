package athanor.job;

import static athanor.testkit.Sample.TEXT;
import static athanor.testkit.Sample.UNET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import athanor.file.InputFile;
import athanor.format.FileHashes;
import athanor.merge.plan.MergeOptions;
import athanor.merge.plan.Precision;
import athanor.progress.Progress;
import athanor.recipe.LoraInput;
import athanor.safetensors.SafetensorsFile;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import athanor.testkit.Gen;
import athanor.testkit.Merging;
import athanor.testkit.Sample;
import athanor.testkit.TensorFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole merges of small cuttings of real checkpoints. */
class MergeRunTest {
  private static final String TO_Q =
      UNET + "input_blocks.1.1.transformer_blocks.0.attn1.to_q.weight";
  private static final String KOHYA_TO_Q =
      "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q";
  private static final String PEFT_TO_Q =
      "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q";

  @TempDir private Path folder;
  private final Gen gen = Gen.fixed(7);

  private Path file(String name) {
    return folder.resolve(name + ".safetensors");
  }

  private Path sd1(DType dtype) {
    return new TensorFile().random(Sample.sd1(dtype), 0.05, gen).write(file("base"));
  }

  private Path lora(String name, int rank) {
    return Sample.pair(new TensorFile(), KOHYA_TO_Q, 320, rank, 320, DType.F16, gen)
        .write(file(name));
  }

  private static String sha256(Path path) {
    try (InputFile file = InputFile.open(path)) {
      return FileHashes.of(file, Progress.NONE).sha256();
    }
  }

  /** The keys whose bytes differ. */
  private static Set<String> changed(Path before, Path after) {
    Map<String, byte[]> old = TensorFile.allBytes(before);
    Set<String> changed = new TreeSet<>();
    TensorFile.allBytes(after)
        .forEach((key, bytes) -> {
          if (!Arrays.equals(bytes, old.get(key))) {
            changed.add(key);
          }
        });
    return changed;
  }

  @Test
  void roundsOnceAfterAddingAllLorasInFloat32() {
    Path base = sd1(DType.F16);
    Path one = lora("one", 4);
    Path two = lora("two", 7);
    Merging.of(base, new LoraInput(one, 0.6), new LoraInput(two, -0.35)).into(file("out"));

    double[] expected = widen(TensorFile.floats(base, TO_Q));
    add(expected, 0.6, one, 4);
    add(expected, -0.35, two, 7);
    float[] actual = TensorFile.floats(file("out"), TO_Q);
    int off = 0;
    for (int i = 0; i < actual.length; i++) {
      off += half((float) expected[i]) == actual[i] ? 0 : 1;
      assertThat(Math.abs(actual[i] - expected[i]))
          .isLessThan(0.5001 * ulpOfHalf(actual[i]) + 1e-6);
    }
    assertThat(off).as("values that a second rounding would move").isLessThan(actual.length / 500);
  }

  private static double ulpOfHalf(float value) {
    return Math.max(Math.scalb(1.0, Math.getExponent(value) - 10), 0x1p-24);
  }

  private static float half(float value) {
    return Float.float16ToFloat(Float.floatToFloat16(value));
  }

  private static double[] widen(float[] values) {
    double[] wide = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      wide[i] = values[i];
    }
    return wide;
  }

  private static void add(double[] weight, double factor, Path lora, int rank) {
    float[] up = TensorFile.floats(lora, KOHYA_TO_Q + ".lora_up.weight");
    float[] down = TensorFile.floats(lora, KOHYA_TO_Q + ".lora_down.weight");
    int columns = down.length / rank;
    for (int i = 0; i < weight.length; i++) {
      for (int k = 0; k < rank; k++) {
        weight[i] += factor * up[i / columns * rank + k] * down[k * columns + i % columns];
      }
    }
  }

  @Test
  void leavesEveryTensorThatNoLoraTouchesByteIdentical() {
    Path base = sd1(DType.F16);
    Merging.of(base, new LoraInput(lora("one", 4), 1)).into(file("out"));
    assertThat(changed(base, file("out"))).containsExactly(TO_Q);
    assertThat(TensorFile.allBytes(file("out")).keySet())
        .containsExactlyElementsOf(TensorFile.allBytes(base).keySet());
  }

  @Test
  void givesTheSameBytesForAnyNumberOfThreads() {
    Path base = sd1(DType.BF16);
    Path one = lora("one", 16);
    for (int threads : new int[] {1, 2, 3, 8}) {
      Merging.of(base, new LoraInput(one, 0.7)).threads(threads).into(file("out" + threads));
    }
    for (int threads : new int[] {2, 3, 8}) {
      assertThat(changed(file("out1"), file("out" + threads))).isEmpty();
    }
  }

  @Test
  void knowsTheHashOfTheFileItWroteIfAskedTo() {
    Path base = sd1(DType.F16);
    Path one = lora("one", 4);
    for (String name : List.of("out.safetensors", "out.ckpt")) {
      for (int threads : new int[] {1, 4}) {
        Path out = folder.resolve(threads + name);
        MergeReport report =
            Merging.of(base, new LoraInput(one, 0.7)).threads(threads).hashed().into(out);
        assertThat(report.sha256()).contains(sha256(out));
      }
    }
    assertThat(Merging.of(base, new LoraInput(one, 0.7)).into(file("plain")).sha256()).isEmpty();
  }

  @Test
  void writesTheBaseUnchangedWhenEveryRatioIsZero() {
    Path base = sd1(DType.F16);
    Merging merging = Merging.of(base, new LoraInput(lora("one", 4), 0));
    try (PreparedMerge merge = merging.prepare()) {
      assertThat(merge.warnings()).anyMatch(warning -> warning.contains("every ratio is 0"));
    }
    merging.into(file("out"));
    assertThat(changed(base, file("out"))).isEmpty();
  }

  @Test
  void addsTheRatiosOfAFileGivenTwiceAndSaysSo() {
    Path base = sd1(DType.F32);
    Path one = lora("one", 4);
    Merging twice = Merging.of(base, new LoraInput(one, 0.25), new LoraInput(one, 0.5));
    try (PreparedMerge merge = twice.prepare()) {
      assertThat(merge.warnings()).anyMatch(warning -> warning.contains("more than once"));
    }
    twice.into(file("twice"));
    Merging.of(base, new LoraInput(one, 0.75)).into(file("once"));
    float[] left = TensorFile.floats(file("twice"), TO_Q);
    float[] right = TensorFile.floats(file("once"), TO_Q);
    for (int i = 0; i < left.length; i++) {
      assertThat(left[i]).isCloseTo(right[i], within(1e-6f));
    }
  }

  @Test
  void readsAlphaOfAnyTypeAndTakesAMissingOneAsFullScale() {
    Path base = sd1(DType.F32);
    float[] full = delta(base, pair());
    byte[] two = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(2).array();
    TensorInfo int64 = new TensorInfo(KOHYA_TO_Q + ".alpha", DType.I64, Shape.of());
    assertScaled(delta(base, pair().put(int64, two)), full, 2 / 4f);
    for (Shape shape : List.of(Shape.of(), Shape.of(1), Shape.of(1, 1))) {
      TensorFile half = pair().put(KOHYA_TO_Q + ".alpha", DType.F16, shape, 2f);
      assertScaled(delta(base, half), full, 2 / 4f);
    }
  }

  private static TensorFile pair() {
    return Sample.pair(new TensorFile(), KOHYA_TO_Q, 320, 4, 320, DType.F32, Gen.fixed(3));
  }

  @Test
  void takesAlphaZeroAsNoChangeAndSaysSo() {
    Path base = sd1(DType.F32);
    String other = KOHYA_TO_Q.replace("attn1_to_q", "attn1_to_v");
    Path lora =
        Sample.pair(pair(), other, 320, 4, 320, DType.F32, gen)
            .put(KOHYA_TO_Q + ".alpha", DType.F32, Shape.of(), 0f)
            .write(file("zero"));
    Merging merging = Merging.of(base, new LoraInput(lora, 1));
    try (PreparedMerge merge = merging.prepare()) {
      assertThat(merge.warnings()).anyMatch(warning -> warning.contains("alpha 0"));
    }
    merging.into(file("out"));
    assertThat(changed(base, file("out"))).containsExactly(TO_Q.replace("to_q", "to_v"));
  }

  /** What merging a LoRA at ratio 1 adds to {@link #TO_Q}. */
  private float[] delta(Path base, TensorFile lora) {
    Path out = file("out" + gen.anyLong());
    Path path = lora.write(file("lora" + gen.anyLong()));
    Merging.of(base, new LoraInput(path, 1)).into(out);
    float[] before = TensorFile.floats(base, TO_Q);
    float[] after = TensorFile.floats(out, TO_Q);
    for (int i = 0; i < after.length; i++) {
      after[i] -= before[i];
    }
    return after;
  }

  private static void assertScaled(float[] actual, float[] full, float scale) {
    for (int i = 0; i < full.length; i++) {
      assertThat(actual[i]).isCloseTo(full[i] * scale, within(1e-6f));
    }
  }

  @Test
  void changesOnlyTheRowsOfTheAddressedSliceOfAFusedProjection() {
    String fused = "conditioner.embedders.1.model.transformer.resblocks.0.attn.in_proj_weight";
    String module = "lora_te2_text_model_encoder_layers_0_self_attn_q_proj";
    Path base = new TensorFile().random(Sample.sdxl(DType.F16), 0.05, gen).write(file("xl"));
    Path lora =
        Sample.pair(new TensorFile(), module, 1280, 4, 1280, DType.F16, gen).write(file("q"));
    Merging.of(base, new LoraInput(lora, 1)).into(file("out"));
    assertThat(changed(base, file("out"))).containsExactly(fused);
    float[] before = TensorFile.floats(base, fused);
    float[] after = TensorFile.floats(file("out"), fused);
    int slice = 1280 * 1280;
    assertThat(Arrays.equals(before, slice, before.length, after, slice, after.length)).isTrue();
    int same = 0;
    for (int i = 0; i < slice; i++) {
      same += before[i] == after[i] ? 1 : 0;
    }
    assertThat(same).isLessThan(slice / 10);
  }

  @Test
  void mergesFourChannelConvolutionsIntoTheFirstChannelsOfAnInpaintingModel() {
    String first = UNET + "input_blocks.0.0.weight";
    Path base = reshaped(first, Shape.of(320, 9, 3, 3));
    Path lora =
        new TensorFile()
            .random("lora_unet_conv_in.lora_up.weight", DType.F16, Shape.of(320, 4, 1, 1), 0.1, gen)
            .random("lora_unet_conv_in.lora_down.weight", DType.F16, Shape.of(4, 4, 3, 3), 0.1, gen)
            .write(file("conv"));
    Merging.of(base, new LoraInput(lora, 1)).into(file("out"));
    float[] before = TensorFile.floats(base, first);
    float[] after = TensorFile.floats(file("out"), first);
    for (int i = 0; i < before.length; i++) {
      boolean maskChannel = i % 81 >= 36;
      if (maskChannel) {
        assertThat(after[i]).isEqualTo(before[i]);
      }
    }
    assertThat(after).isNotEqualTo(before);
  }

  @Test
  void mergesFourDimensionalFactorsIntoALinearProjection() {
    String projection = UNET + "input_blocks.1.1.proj_in.weight";
    Path base = reshaped(projection, Shape.of(320, 320));
    String module = "lora_unet_down_blocks_0_attentions_0_proj_in";
    Path lora =
        new TensorFile()
            .random(module + ".lora_up.weight", DType.F16, Shape.of(320, 4, 1, 1), 0.1, gen)
            .random(module + ".lora_down.weight", DType.F16, Shape.of(4, 320, 1, 1), 0.1, gen)
            .write(file("lora"));
    Merging.of(base, new LoraInput(lora, 1)).into(file("out"));
    assertThat(changed(base, file("out"))).containsExactly(projection);
  }

  private Path reshaped(String key, Shape shape) {
    TensorFile file = new TensorFile();
    for (TensorInfo info : Sample.sd1(DType.F16)) {
      Shape own = info.key().equals(key) ? shape : info.shape();
      file.random(List.of(new TensorInfo(info.key(), info.dtype(), own)), 0.05, gen);
    }
    return file.write(file("reshaped"));
  }

  @Test
  void reportsATextEncoderPartThatTheBaseHasNoPlaceForAndMergesTheRest() {
    List<TensorInfo> unetOnly =
        Sample.sd1(DType.F16).stream().filter(info -> info.key().startsWith(UNET)).toList();
    Path base = new TensorFile().random(unetOnly, 0.05, gen).write(file("unet"));
    TensorFile both = Sample.pair(new TensorFile(), KOHYA_TO_Q, 320, 4, 320, DType.F16, gen);
    String text = "lora_te_text_model_encoder_layers_0_mlp_fc1";
    Sample.pair(both, text, 3072, 4, 768, DType.F16, gen);
    Merging merging = Merging.of(base, new LoraInput(both.write(file("lora")), 1));
    try (PreparedMerge merge = merging.prepare()) {
      assertThat(merge.warnings())
          .anyMatch(warning -> warning.contains("the checkpoint has no text encoder"));
    }
    MergeReport report = merging.into(file("out"));
    assertThat(report.plan().loras().getFirst().match().applied()).isEqualTo(1);
  }

  @Test
  void addsFullDifferencesOfWeightsBiasesAndNorms() {
    Path base = sd1(DType.F32);
    String norm = "lora_unet_down_blocks_0_attentions_0_norm";
    Path lora =
        new TensorFile()
            .random("lora_unet_conv_in.diff", DType.F32, Shape.of(320, 4, 3, 3), 0.1, gen)
            .random("lora_unet_conv_in.diff_b", DType.F32, Shape.of(320), 0.1, gen)
            .random(norm + ".w_norm", DType.F32, Shape.of(320), 0.1, gen)
            .random(norm + ".b_norm", DType.F32, Shape.of(320), 0.1, gen)
            .write(file("full"));
    Merging.of(base, new LoraInput(lora, 0.5)).into(file("out"));
    assertThat(changed(base, file("out")))
        .containsExactlyInAnyOrder(
            UNET + "input_blocks.0.0.weight",
            UNET + "input_blocks.0.0.bias",
            UNET + "input_blocks.1.1.norm.weight",
            UNET + "input_blocks.1.1.norm.bias");
    float[] before = TensorFile.floats(base, UNET + "input_blocks.0.0.bias");
    float[] after = TensorFile.floats(file("out"), UNET + "input_blocks.0.0.bias");
    float[] difference = TensorFile.floats(lora, "lora_unet_conv_in.diff_b");
    for (int i = 0; i < before.length; i++) {
      assertThat(after[i]).isEqualTo(Math.fma(0.5f, difference[i], before[i]));
    }
  }

  @Test
  void convertsTheWeightsOfTheModelButNotSchedulesOrIntegers() {
    Path base = sd1(DType.F16);
    Merging.of(base, new LoraInput(lora("one", 4), 1))
        .options(options(Precision.FLOAT, Optional.of(Precision.BF16), true))
        .into(file("out"));
    try (SafetensorsFile written = SafetensorsFile.open(file("out"))) {
      assertThat(written.find(TO_Q).orElseThrow().dtype()).isEqualTo(DType.BF16);
      assertThat(written.find("first_stage_model.quant_conv.weight").orElseThrow().dtype())
          .isEqualTo(DType.BF16);
      assertThat(written.find("alphas_cumprod").orElseThrow().dtype()).isEqualTo(DType.F16);
    }
    String ids = TEXT + "embeddings.position_ids";
    assertThat(TensorFile.allBytes(file("out")).get(ids))
        .isEqualTo(TensorFile.allBytes(base).get(ids));
  }

  private static MergeOptions options(
      Precision precision, Optional<Precision> savePrecision, boolean metadata) {
    return new MergeOptions(precision, savePrecision, metadata, false, false);
  }

  @Test
  void roundsAfterEveryStepWhenALowerPrecisionIsAskedFor() {
    Path base = sd1(DType.F16);
    Path one = lora("one", 4);
    Merging.of(base, new LoraInput(one, 0.3))
        .options(options(Precision.FP16, Optional.empty(), true))
        .into(file("out"));
    float[] before = TensorFile.floats(base, TO_Q);
    float[] after = TensorFile.floats(file("out"), TO_Q);
    float[] up = TensorFile.floats(one, KOHYA_TO_Q + ".lora_up.weight");
    float[] down = TensorFile.floats(one, KOHYA_TO_Q + ".lora_down.weight");
    for (int i = 0; i < before.length; i++) {
      float product = 0;
      for (int k = 0; k < 4; k++) {
        product = Math.fma(up[i / 320 * 4 + k], down[k * 320 + i % 320], product);
      }
      assertThat(after[i]).isEqualTo(half(before[i] + half(half(product) * 0.3f)));
    }
  }

  @Test
  void mergesTheNamesOfKohyaAndDiffusersToTheSameBytes() {
    Path base = sd1(DType.F16);
    Path kohya = lora("kohya", 4);
    TensorFile peft = new TensorFile();
    float[] up = TensorFile.floats(kohya, KOHYA_TO_Q + ".lora_up.weight");
    float[] down = TensorFile.floats(kohya, KOHYA_TO_Q + ".lora_down.weight");
    peft.put(PEFT_TO_Q + ".lora_B.weight", DType.F16, Shape.of(320, 4), up)
        .put(PEFT_TO_Q + ".lora_A.weight", DType.F16, Shape.of(4, 320), down);
    Merging.of(base, new LoraInput(kohya, 0.8)).into(file("a"));
    Merging.of(base, new LoraInput(peft.write(file("peft")), 0.8)).into(file("b"));
    assertThat(changed(file("a"), file("b"))).isEmpty();
  }

  @Test
  void honoursTheAlphaOfPeftMetadata() {
    Path base = sd1(DType.F32);
    TensorFile peft =
        new TensorFile()
            .random(PEFT_TO_Q + ".lora_B.weight", DType.F32, Shape.of(320, 4), 0.1, gen)
            .random(PEFT_TO_Q + ".lora_A.weight", DType.F32, Shape.of(4, 320), 0.1, gen);
    float[] full = delta(base, peft);
    peft.metadata(
        "lora_adapter_metadata",
        "{\"unet.lora_alpha\": 8, \"unet.use_rslora\": true,"
            + " \"unet.alpha_pattern\": {\"attn1.to_q\": 2}}");
    assertScaled(delta(base, peft), full, 1f);
    peft.metadata("lora_adapter_metadata", "{\"unet.lora_alpha\": 1}");
    assertScaled(delta(base, peft), full, 0.25f);
  }

  @Test
  void countsAModuleOnceThatIsStoredUnderTwoNamesWithTheSameValues() {
    Path base = sd1(DType.F16);
    Path single = lora("single", 4);
    float[] up = TensorFile.floats(single, KOHYA_TO_Q + ".lora_up.weight");
    float[] down = TensorFile.floats(single, KOHYA_TO_Q + ".lora_down.weight");
    String stability = "lora_unet_input_blocks_1_1_transformer_blocks_0_attn1_to_q";
    TensorFile both = new TensorFile();
    for (String module : List.of(KOHYA_TO_Q, stability)) {
      both.put(module + ".lora_up.weight", DType.F16, Shape.of(320, 4), up)
          .put(module + ".lora_down.weight", DType.F16, Shape.of(4, 320), down);
    }
    Merging.of(base, new LoraInput(single, 1)).into(file("a"));
    Merging.of(base, new LoraInput(both.write(file("both")), 1)).into(file("b"));
    assertThat(changed(file("a"), file("b"))).isEmpty();
  }

  @Test
  void writesHowTheResultWasMadeWithoutAnyLocalPath() {
    Path base = sd1(DType.F16);
    Merging.of(base, new LoraInput(lora("pixel", 4), 0.6)).into(file("out"));
    try (SafetensorsFile written = SafetensorsFile.open(file("out"))) {
      Map<String, String> metadata = written.metadata();
      assertThat(metadata)
          .containsEntry("modelspec.sai_model_spec", "1.0.1")
          .containsEntry("modelspec.architecture", "stable-diffusion-v1")
          .containsEntry("modelspec.title", "out")
          .containsEntry("modelspec.resolution", "512x512")
          .containsEntry("modelspec.prediction_type", "epsilon")
          .containsEntry("modelspec.merged_from", "base, pixel");
      assertThat(metadata).doesNotContainKey("modelspec.date");
      assertThat(metadata.get("athanor.recipe"))
          .contains("\"name\":\"pixel.safetensors\"", "\"ratio\":0.6", "\"header_sha256\":")
          .doesNotContain(folder.toString());
    }
  }

  @Test
  void leavesOnlyTheMetadataOfTheBaseWhenToldSo() {
    Path base =
        new TensorFile()
            .random(Sample.sd1(DType.F16), 0.05, gen)
            .metadata("modelspec.author", "someone")
            .metadata("sshs_model_hash", "stale")
            .write(file("base"));
    Merging.of(base, new LoraInput(lora("one", 4), 1))
        .options(options(Precision.FLOAT, Optional.empty(), false))
        .into(file("out"));
    try (SafetensorsFile written = SafetensorsFile.open(file("out"))) {
      assertThat(written.metadata()).isEqualTo(Map.of("modelspec.author", "someone"));
    }
  }
}
