package athanor.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import athanor.error.Kind;
import athanor.error.Problem;
import athanor.file.InputFile;
import athanor.file.OutputTarget;
import athanor.format.FileHashes;
import athanor.format.ModelHash;
import athanor.merge.lora.sum.Approximation;
import athanor.merge.method.LoraMethods;
import athanor.merge.method.RankLimits;
import athanor.merge.plan.MergeOptions;
import athanor.merge.plan.Precision;
import athanor.progress.Progress;
import athanor.recipe.LoraInput;
import athanor.safetensors.SafetensorsFile;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.testkit.Delta64;
import athanor.testkit.Gen;
import athanor.testkit.Golden;
import athanor.testkit.LoraMerging;
import athanor.testkit.Merging;
import athanor.testkit.Sample;
import athanor.testkit.TensorFile;
import athanor.testkit.Updates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole merges of LoRAs into one LoRA. */
class LoraMergeRunTest {
  private static final String TO_Q =
      "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q";
  private static final String PEFT_TO_Q =
      "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q";
  private static final String LDM_TO_Q =
      "lora_unet_input_blocks_1_1_transformer_blocks_0_attn1_to_q";
  private static final String TO_K2 =
      "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k";
  private static final String CONV = "lora_unet_down_blocks_0_resnets_0_conv1";
  private static final String NORM = "lora_unet_down_blocks_0_resnets_0_norm1";

  @TempDir private Path folder;
  private final Gen gen = Gen.fixed(11);

  private Path file(String name) {
    return folder.resolve(name + ".safetensors");
  }

  /** A LoRA of attn1.to_q (320 × 320) and attn2.to_k (320 × 768, which tells SD 1.x). */
  private TensorFile sd1(String module, int rank, double alpha, DType dtype, Gen random) {
    var lora = new TensorFile();
    pair(lora, module, 320, rank, 320, alpha, dtype, random);
    pair(lora, TO_K2, 320, rank, 768, alpha, dtype, random);
    return lora;
  }

  private static void pair(
      TensorFile lora,
      String module,
      int out,
      int rank,
      int in,
      double alpha,
      DType dtype,
      Gen random) {
    if (module.contains(".")) {
      lora.random(module + ".lora_B.weight", dtype, Shape.of(out, rank), 0.05, random)
          .random(module + ".lora_A.weight", dtype, Shape.of(rank, in), 0.05, random);
    } else {
      Sample.pair(lora, module, out, rank, in, dtype, random);
    }
    if (!Double.isNaN(alpha)) {
      lora.put(module + ".alpha", DType.F32, Shape.of(), (float) alpha);
    }
  }

  @Test
  void knowsTheHashOfTheFileItWroteIfAskedTo() {
    Path one = file("one");
    sd1(TO_Q, 4, 4, DType.F16, gen).write(one);
    LoraMerging merging = LoraMerging.of(new LoraInput(one, 0.5));
    OutputTarget target = OutputTarget.of(file("out"), false).hashed();
    LoraMergeReport report;
    try (PreparedLoraMerge merge = merging.prepare()) {
      report = merging.run().run(merge, LoraMethods.standard(), target);
    }
    try (InputFile out = InputFile.open(file("out"))) {
      assertThat(report.written().sha256()).contains(FileHashes.of(out, Progress.NONE).sha256());
    }
  }

  @Test
  void sumsUpdatesExactlyWhateverRanksAlphasRatiosAndSpellings() {
    Gen random = Gen.seeded("exact LoRA sum");
    for (int round = 0; round < 6; round++) {
      int count = random.between(1, 4);
      var inputs = new LoraInput[count];
      double[] expected = new double[320 * 320];
      for (int i = 0; i < count; i++) {
        String module = random.oneOf(TO_Q, PEFT_TO_Q, LDM_TO_Q);
        int rank = random.between(1, 24);
        double alpha = random.coin() ? Double.NaN : random.oneOf(0.5, 1.0, 4.0, 16.0, 3.0, 128.0);
        Path path = file("in" + round + "-" + i);
        sd1(module, rank, alpha, DType.F32, random).write(path);
        double ratio = random.oneOf(0.6, -0.35, 1.0, 1.7, 0.01);
        inputs[i] = new LoraInput(path, ratio);
        Updates.add(expected, 320, 320, path, module, ratio);
      }
      for (Precision precision : Precision.values()) {
        Path out = file("out" + round + precision);
        LoraMerging.of(inputs).saved(precision).into(out);
        double[] actual = new double[320 * 320];
        Updates.add(actual, 320, 320, out, TO_Q, 1);
        double tolerance =
            switch (precision) {
              case FLOAT -> 3e-7;
              case FP16 -> 0x1p-10;
              case BF16 -> 0x1p-7;
            };
        assertThat(Updates.relativeError(actual, expected))
            .as("%s, round %d", precision, round)
            .isLessThan(tolerance);
      }
    }
  }

  @Test
  void givesTheSameCheckpointAsMergingTheLorasThemselves() {
    Gen random = Gen.seeded("merge of merged LoRAs");
    Path base = new TensorFile().random(Sample.sd1(DType.F32), 0.05, random).write(file("base"));
    String key = Sample.UNET + "input_blocks.1.1.transformer_blocks.0.attn1.to_q.weight";
    for (int round = 0; round < 3; round++) {
      var one =
          new LoraInput(
              sd1(TO_Q, random.between(1, 20), 4, DType.F16, random).write(file("a" + round)),
              random.oneOf(0.7, -1.2));
      var two =
          new LoraInput(
              sd1(PEFT_TO_Q, random.between(1, 20), Double.NaN, DType.F16, random)
                  .write(file("b" + round)),
              random.oneOf(0.3, 1.0));
      LoraMerging.of(one, two).into(file("both" + round));
      Merging.of(base, one, two).into(file("direct" + round));
      Merging.of(base, new LoraInput(file("both" + round), 1)).into(file("twice" + round));
      float[] direct = TensorFile.floats(file("direct" + round), key);
      float[] twice = TensorFile.floats(file("twice" + round), key);
      float[] before = TensorFile.floats(base, key);
      double[] wanted = new double[direct.length];
      double[] got = new double[direct.length];
      for (int i = 0; i < direct.length; i++) {
        wanted[i] = direct[i] - before[i];
        got[i] = twice[i] - before[i];
      }
      assertThat(Updates.relativeError(got, wanted)).isLessThan(0x1p-10);
    }
  }

  @Test
  void keepsTheDigitsOfTinyFactorsInFp16() {
    var lora = new TensorFile();
    lora.random(TO_K2 + ".lora_up.weight", DType.F32, Shape.of(320, 4), 2e-6, gen)
        .random(TO_K2 + ".lora_down.weight", DType.F32, Shape.of(4, 768), 20, gen)
        .put(TO_K2 + ".alpha", DType.F32, Shape.of(), 1f);
    Path path = lora.write(file("tiny"));
    LoraMerging.of(new LoraInput(path, -0.01)).saved(Precision.FP16).into(file("out"));
    double[] expected = new double[320 * 768];
    double[] actual = new double[320 * 768];
    Updates.add(expected, 320, 768, path, TO_K2, -0.01);
    Updates.add(actual, 320, 768, file("out"), TO_K2, 1);
    assertThat(Updates.relativeError(actual, expected)).isLessThan(0x1p-10);
  }

  @Test
  void addsRanksAndWritesAlphaEqualToThem() {
    LoraInput one = new LoraInput(sd1(TO_Q, 3, 1, DType.F16, gen).write(file("a")), 0.5);
    LoraInput two = new LoraInput(sd1(TO_Q, 5, 8, DType.F16, gen).write(file("b")), -2);
    LoraMerging.of(one, two).into(file("out"));
    try (SafetensorsFile out = SafetensorsFile.open(file("out"))) {
      assertThat(out.find(TO_Q + ".lora_up.weight").orElseThrow().shape())
          .isEqualTo(Shape.of(320, 8));
      assertThat(out.find(TO_Q + ".alpha").orElseThrow().dtype()).isEqualTo(DType.F16);
      assertThat(out.metadata()).containsEntry("ss_network_dim", "8");
    }
    assertThat(TensorFile.floats(file("out"), TO_Q + ".alpha")).containsExactly(8f);
  }

  @Test
  void keepsModulesThatOnlyOneLoraHasAndSaysDynamic() {
    Path one = sd1(TO_Q, 4, 4, DType.F16, gen).write(file("a"));
    var other = new TensorFile();
    pair(other, TO_K2, 320, 2, 768, 2, DType.F16, gen);
    Path two = other.write(file("b"));
    LoraMergeReport report =
        LoraMerging.of(new LoraInput(one, 1), new LoraInput(two, 1)).into(file("out"));
    assertThat(report.plan().modules()).hasSize(2);
    try (SafetensorsFile out = SafetensorsFile.open(file("out"))) {
      assertThat(out.metadata()).containsEntry("ss_network_dim", "Dynamic");
      assertThat(out.find(TO_Q + ".lora_down.weight").orElseThrow().shape().dim(0)).isEqualTo(4);
      assertThat(out.find(TO_K2 + ".lora_down.weight").orElseThrow().shape().dim(0)).isEqualTo(6);
    }
  }

  @Test
  void writesConvolutionsWithTuckerCoresExpanded() {
    var tucker = sd1(TO_Q, 2, 2, DType.F32, gen);
    tucker
        .random(CONV + ".lora_up.weight", DType.F32, Shape.of(320, 3, 1, 1), 0.1, gen)
        .random(CONV + ".lora_mid.weight", DType.F32, Shape.of(3, 3, 3, 3), 0.1, gen)
        .random(CONV + ".lora_down.weight", DType.F32, Shape.of(3, 320, 1, 1), 0.1, gen)
        .put(CONV + ".alpha", DType.F32, Shape.of(), 1.5f);
    Path one = tucker.write(file("tucker"));
    var plain = new TensorFile();
    plain
        .random(CONV + ".lora_up.weight", DType.F32, Shape.of(320, 2, 1, 1), 0.1, gen)
        .random(CONV + ".lora_down.weight", DType.F32, Shape.of(2, 320, 3, 3), 0.1, gen);
    pair(plain, TO_K2, 320, 2, 768, 2, DType.F32, gen);
    Path two = plain.write(file("plain"));
    LoraMerging.of(new LoraInput(one, 0.5), new LoraInput(two, -1)).into(file("out"));

    double[] expected = new double[320 * 2880];
    float[] up = TensorFile.floats(one, CONV + ".lora_up.weight");
    float[] mid = TensorFile.floats(one, CONV + ".lora_mid.weight");
    float[] down = TensorFile.floats(one, CONV + ".lora_down.weight");
    for (int o = 0; o < 320; o++) {
      for (int i = 0; i < 320; i++) {
        for (int k = 0; k < 9; k++) {
          double sum = 0;
          for (int p = 0; p < 3; p++) {
            for (int q = 0; q < 3; q++) {
              sum += (double) up[o * 3 + p] * mid[(p * 3 + q) * 9 + k] * down[q * 320 + i];
            }
          }
          expected[o * 2880 + i * 9 + k] = 0.5 * 0.5 * sum;
        }
      }
    }
    Updates.add(expected, 320, 2880, two, CONV, -1);
    double[] actual = new double[320 * 2880];
    Updates.add(actual, 320, 2880, file("out"), CONV, 1);
    assertThat(Updates.relativeError(actual, expected)).isLessThan(1e-6);
    try (SafetensorsFile out = SafetensorsFile.open(file("out"))) {
      assertThat(out.find(CONV + ".lora_down.weight").orElseThrow().shape())
          .isEqualTo(Shape.of(5, 320, 3, 3));
      assertThat(out.metadata().get("ss_network_args")).contains("\"conv_dim\": \"5\"");
    }
  }

  @Test
  void sumsFullDifferencesNormsAndBiases() {
    var one = sd1(TO_Q, 2, 2, DType.F32, gen);
    one.random(NORM + ".w_norm", DType.F32, Shape.of(320), 0.1, gen)
        .random(NORM + ".b_norm", DType.F32, Shape.of(320), 0.1, gen);
    var two = new TensorFile();
    two.random(TO_Q + ".diff", DType.F32, Shape.of(320, 320), 0.1, gen)
        .random(NORM + ".w_norm", DType.F32, Shape.of(320), 0.1, gen)
        .random(CONV + ".diff_b", DType.F32, Shape.of(320), 0.1, gen);
    pair(two, TO_K2, 320, 2, 768, 2, DType.F32, gen);
    Path a = one.write(file("a"));
    Path b = two.write(file("b"));
    LoraMerging.of(new LoraInput(a, 0.5), new LoraInput(b, -2)).into(file("out"));

    float[] first = TensorFile.floats(a, NORM + ".w_norm");
    float[] second = TensorFile.floats(b, NORM + ".w_norm");
    float[] norm = TensorFile.floats(file("out"), NORM + ".w_norm");
    for (int i = 0; i < 320; i++) {
      assertThat(norm[i]).isCloseTo(0.5f * first[i] - 2 * second[i], within(1e-6f));
    }
    double[] expected = new double[320 * 320];
    Updates.add(expected, 320, 320, a, TO_Q, 0.5);
    float[] difference = TensorFile.floats(b, TO_Q + ".diff");
    float[] actual = TensorFile.floats(file("out"), TO_Q + ".diff");
    for (int i = 0; i < actual.length; i++) {
      assertThat((double) actual[i]).isCloseTo(expected[i] - 2.0 * difference[i], within(1e-6));
    }
    assertThat(TensorFile.allBytes(file("out")))
        .containsKey(CONV + ".diff_b")
        .doesNotContainKey(TO_Q + ".lora_up.weight");
    assertThat(LoraMerging.of(new LoraInput(a, 1)).peft().failureInto(file("peft")).line())
        .contains("full differences cannot be written as peft");
  }

  /** w1 [4, 4] ⊗ w2 [80, 80] of full rank. */
  private TensorFile lokr() {
    return new TensorFile()
        .random(TO_Q + ".lokr_w1", DType.F32, Shape.of(4, 4), 0.3, gen)
        .random(TO_Q + ".lokr_w2", DType.F32, Shape.of(80, 80), 0.3, gen);
  }

  @Test
  void svdReducesWhatHasNoFactorsAndStatesItsError() {
    Path pair = sd1(TO_Q, 4, 4, DType.F32, gen).write(file("pair"));
    Path lokr = lokr().write(file("lokr"));
    LoraInput[] both = {new LoraInput(pair, 0.5), new LoraInput(lokr, -2)};
    LoraMerging.of(both).into(file("exact"));
    float[] exact = TensorFile.floats(file("exact"), TO_Q + ".diff");
    LoraMergeReport report = LoraMerging.of(both).rank(32).into(file("out"));
    double[] expected = new double[exact.length];
    for (int i = 0; i < exact.length; i++) {
      expected[i] = exact[i];
    }
    double[] actual = Delta64.of(file("out")).get(TO_Q);
    double error = Delta64.distance(expected, actual);
    double stated = report.plan().approximation().orElseThrow().worst().relativeError();
    assertThat(stated).isBetween(0.1, 1.0);
    assertThat(error / Delta64.norm(expected)).isCloseTo(stated, within(1e-4));
    try (StateDict out = SafetensorsFile.open(file("out"))) {
      assertThat(out.find(TO_Q + ".lora_down.weight").orElseThrow().shape())
          .isEqualTo(Shape.of(32, 320));
      assertThat(out.find(TO_Q + ".diff")).isEmpty();
    }
  }

  @Test
  void svdKeepsInFullWhatAPairWouldMakeLargerAndWhatAFileStoresInFull() {
    Path pair = sd1(TO_Q, 4, 4, DType.F32, gen).write(file("pair"));
    Path lokr = lokr().write(file("lokr"));
    LoraMerging.of(new LoraInput(pair, 1), new LoraInput(lokr, 1)).rank(200).into(file("large"));
    assertThat(TensorFile.allBytes(file("large"))).containsKey(TO_Q + ".diff");
    RankLimits all =
        new RankLimits(OptionalInt.empty(), OptionalInt.empty(), OptionalDouble.of(0.99999));
    LoraMerging.of(new LoraInput(pair, 1), new LoraInput(lokr, 1)).limits(all).into(file("keep"));
    assertThat(TensorFile.allBytes(file("keep"))).containsKey(TO_Q + ".diff");
    TensorFile stored = sd1(TO_K2, 4, 4, DType.F32, gen);
    stored.random(TO_Q + ".diff", DType.F32, Shape.of(320, 320), 0.1, gen);
    LoraMerging.of(new LoraInput(stored.write(file("stored")), 1)).rank(4).into(file("full"));
    assertThat(TensorFile.allBytes(file("full"))).containsKey(TO_Q + ".diff");
  }

  @Test
  void writesPeftNamesWithoutAlpha() {
    LoraInput one = new LoraInput(sd1(TO_Q, 3, 1, DType.F16, gen).write(file("a")), 0.5);
    LoraMerging.of(one).peft().into(file("out"));
    double[] expected = new double[320 * 320];
    double[] actual = new double[320 * 320];
    Updates.add(expected, 320, 320, one.file(), TO_Q, 0.5);
    Updates.add(actual, 320, 320, file("out"), PEFT_TO_Q, 1);
    assertThat(Updates.relativeError(actual, expected)).isLessThan(0x1p-10);
    assertThat(TensorFile.allBytes(file("out")).keySet())
        .allMatch(key -> key.startsWith("unet.") && !key.endsWith("alpha"));
  }

  @Test
  void reducesToTheBestApproximationAndStatesItsError() {
    LoraInput one = new LoraInput(sd1(TO_Q, 8, 8, DType.F32, gen).write(file("a")), 1);
    LoraInput two = new LoraInput(sd1(TO_Q, 8, 8, DType.F32, gen).write(file("b")), -0.4);
    LoraMergeReport report = LoraMerging.of(one, two).rank(8).into(file("out"));
    Approximation error = report.plan().approximation().orElseThrow();

    double[] exact = new double[320 * 320];
    Updates.add(exact, 320, 320, one.file(), TO_Q, 1);
    Updates.add(exact, 320, 320, two.file(), TO_Q, -0.4);
    double[] kept = new double[320 * 320];
    Updates.add(kept, 320, 320, file("out"), TO_Q, 1);
    double[] exactK = new double[320 * 768];
    Updates.add(exactK, 320, 768, one.file(), TO_K2, 1);
    Updates.add(exactK, 320, 768, two.file(), TO_K2, -0.4);
    double[] keptK = new double[320 * 768];
    Updates.add(keptK, 320, 768, file("out"), TO_K2, 1);
    double errorQ = Updates.relativeError(kept, exact);
    double errorK = Updates.relativeError(keptK, exactK);
    assertThat(error.worst().relativeError()).isCloseTo(Math.max(errorQ, errorK), within(1e-5));
    assertThat(error.worst().module()).isEqualTo(errorQ > errorK ? TO_Q : TO_K2);
    assertThat(error.relativeError())
        .isBetween(Math.min(errorQ, errorK) - 1e-5, Math.max(errorQ, errorK) + 1e-5);

    // The stronger LoRA alone has rank 8 too: the best approximation must beat it.
    double[] alone = new double[320 * 320];
    Updates.add(alone, 320, 320, one.file(), TO_Q, 1);
    assertThat(errorQ).isLessThan(Updates.relativeError(alone, exact));
    // Optimal means that what is left out is orthogonal to what is kept.
    double inner = 0;
    double norm = 0;
    for (int i = 0; i < kept.length; i++) {
      inner += kept[i] * (exact[i] - kept[i]);
      norm += exact[i] * exact[i];
    }
    assertThat(Math.abs(inner) / norm).isLessThan(1e-6);
  }

  @Test
  void losesNothingWhenTheRankSuffices() {
    LoraInput one = new LoraInput(sd1(TO_Q, 4, 8, DType.F32, gen).write(file("a")), 0.8);
    LoraInput two = new LoraInput(sd1(TO_Q, 3, 8, DType.F32, gen).write(file("b")), 1);
    LoraMergeReport report = LoraMerging.of(one, two).rank(64).into(file("out"));
    assertThat(report.plan().approximation().orElseThrow().relativeError()).isZero();
    try (SafetensorsFile out = SafetensorsFile.open(file("out"))) {
      assertThat(out.find(TO_Q + ".lora_down.weight").orElseThrow().shape().dim(0)).isEqualTo(7);
    }
    double[] exact = new double[320 * 320];
    Updates.add(exact, 320, 320, one.file(), TO_Q, 0.8);
    Updates.add(exact, 320, 320, two.file(), TO_Q, 1);
    double[] kept = new double[320 * 320];
    Updates.add(kept, 320, 320, file("out"), TO_Q, 1);
    assertThat(Updates.relativeError(kept, exact)).isLessThan(1e-6);
  }

  @Test
  void keepsTheWantedShareOfEnergyWithTheLowestRank() {
    LoraInput one = new LoraInput(sd1(TO_Q, 12, 12, DType.F32, gen).write(file("a")), 1);
    LoraInput two = new LoraInput(sd1(TO_Q, 12, 12, DType.F32, gen).write(file("b")), 0.1);
    var limits = new RankLimits(OptionalInt.empty(), OptionalInt.empty(), OptionalDouble.of(0.98));
    LoraMergeReport report = LoraMerging.of(one, two).limits(limits).into(file("out"));
    Approximation error = report.plan().approximation().orElseThrow();
    assertThat(error.worst().relativeError()).isLessThanOrEqualTo(Math.sqrt(0.02) + 1e-9);
    try (SafetensorsFile out = SafetensorsFile.open(file("out"))) {
      assertThat(out.find(TO_Q + ".lora_down.weight").orElseThrow().shape().dim(0))
          .isBetween(2L, 13L);
    }
  }

  @Test
  void limitsConvolutionsByTheirOwnRank() {
    var lora = sd1(TO_Q, 6, 6, DType.F32, gen);
    lora.random(CONV + ".lora_up.weight", DType.F32, Shape.of(320, 6, 1, 1), 0.1, gen)
        .random(CONV + ".lora_down.weight", DType.F32, Shape.of(6, 320, 3, 3), 0.1, gen);
    LoraInput input = new LoraInput(lora.write(file("a")), 1);
    var limits = new RankLimits(OptionalInt.of(4), OptionalInt.of(2), OptionalDouble.empty());
    LoraMerging.of(input).limits(limits).into(file("out"));
    try (SafetensorsFile out = SafetensorsFile.open(file("out"))) {
      assertThat(out.find(TO_Q + ".lora_down.weight").orElseThrow().shape().dim(0)).isEqualTo(4);
      assertThat(out.find(CONV + ".lora_up.weight").orElseThrow().shape())
          .isEqualTo(Shape.of(320, 2, 1, 1));
    }
  }

  @Test
  void reproducesKohyasSumOfFactorsBitForBit() {
    Path a = sd1(TO_Q, 4, 2, DType.F16, gen).write(file("a"));
    Path b = sd1(TO_Q, 4, 4, DType.F32, gen).write(file("b"));
    LoraMerging.of(new LoraInput(a, 0.6), new LoraInput(b, -0.45)).kohya(false).into(file("out"));
    float second = (float) (Math.sqrt(4.0 / 2.0) * -0.45);
    for (String factor : List.of(".lora_up.weight", ".lora_down.weight")) {
      boolean up = factor.startsWith(".lora_up");
      float[] one = TensorFile.floats(a, TO_Q + factor);
      float[] two = TensorFile.floats(b, TO_Q + factor);
      float[] expected = new float[one.length];
      for (int i = 0; i < expected.length; i++) {
        float left = one[i] * 0.6f;
        float right = two[i] * (up ? Math.abs(second) : second);
        expected[i] = left + right;
      }
      assertThat(TensorFile.floats(file("out"), TO_Q + factor)).containsExactly(expected);
    }
    try (SafetensorsFile out = SafetensorsFile.open(file("out"))) {
      assertThat(out.tensors()).allMatch(tensor -> tensor.dtype() == DType.F32);
      assertThat(out.metadata())
          .containsEntry("ss_network_dim", "4")
          .containsEntry("ss_network_alpha", "2.0")
          .doesNotContainKey("ss_v2");
    }
    assertThat(TensorFile.floats(file("out"), TO_Q + ".alpha")).containsExactly(2f);
  }

  @Test
  void squaresTheRatioAndKeepsItsSignByKohyasMethod() {
    Path a = golden("a", 2, 5);
    for (double ratio : new double[] {0.5, -0.5}) {
      Path out = file("out" + ratio);
      LoraMerging.of(new LoraInput(a, ratio)).kohya(false).into(out);
      assertUpdate(out, Map.of(a, ratio * Math.abs(ratio)));
    }
  }

  @Test
  void concatenatesByKohyasMethodAtAnEighthOfTheStrength() {
    Path a = golden("a", 2, 5);
    Path b = golden("b", 4, 3);
    LoraMerging.of(new LoraInput(a, 0.5), new LoraInput(b, 0.5)).kohya(true).into(file("out"));
    assertUpdate(file("out"), Map.of(a, 0.125, b, 0.125));
  }

  /** Rank 4, made of exact fractions. */
  private Path golden(String name, float alpha, int a) {
    return new TensorFile()
        .put(TO_K2 + ".lora_up.weight", DType.F32, Shape.of(320, 4), Golden.g(a, 2, 1280))
        .put(TO_K2 + ".lora_down.weight", DType.F32, Shape.of(4, 768), Golden.g(7, a, 3072))
        .put(TO_K2 + ".alpha", DType.F32, Shape.of(), alpha)
        .write(file(name));
  }

  private static void assertUpdate(Path out, Map<Path, Double> parts) {
    double[] expected = new double[320 * 768];
    parts.forEach((path, share) -> Updates.add(expected, 320, 768, path, TO_K2, share));
    double[] actual = new double[320 * 768];
    Updates.add(actual, 320, 768, out, TO_K2, 1);
    assertThat(Updates.relativeError(actual, expected)).isLessThan(1e-6);
  }

  @Test
  void namesRanksModuleAndTheCommandWhenKohyasMethodCannot() {
    Path a = sd1(TO_Q, 4, 4, DType.F16, gen).write(file("a"));
    Path b = sd1(TO_Q, 8, 4, DType.F16, gen).write(file("b"));
    Path c = sd1(TO_Q, 4, 4, DType.F16, gen).write(file("c"));
    Problem problem =
        LoraMerging.of(new LoraInput(a, 0.6), new LoraInput(b, 0.4), new LoraInput(c, 1))
            .kohya(false)
            .failureInto(file("out"));
    assertThat(problem.kind()).isEqualTo(Kind.INCOMPATIBLE);
    assertThat(problem.line())
        .contains("a.safetensors has rank 4")
        .contains("b.safetensors has rank 8")
        .contains("c.safetensors has rank 4")
        .contains(TO_Q);
    assertThat(problem.help().orElseThrow())
        .contains("athanor merge " + a + "@0.6 " + b + "@0.4 " + c + "@1 --out " + file("out"));
  }

  @Test
  void refusesWhatKohyasMethodCannotRead() {
    Path peft = sd1(PEFT_TO_Q, 4, Double.NaN, DType.F16, gen).write(file("peft"));
    assertThat(LoraMerging.of(new LoraInput(peft, 1)).kohya(false).failureInto(file("x")).line())
        .contains("knows only kohya's LoRA format");
    var partlyZero = sd1(TO_Q, 4, 0, DType.F16, gen);
    var one = sd1(TO_Q, 4, 1, DType.F16, gen);
    String toK = TO_Q.replace("to_q", "to_k");
    pair(partlyZero, toK, 320, 4, 320, 1, DType.F16, gen);
    pair(one, toK, 320, 4, 320, 1, DType.F16, gen);
    assertThat(
            LoraMerging.of(
                    new LoraInput(partlyZero.write(file("zero")), 1),
                    new LoraInput(one.write(file("one")), 1))
                .kohya(false)
                .failureInto(file("x"))
                .line())
        .contains("cannot merge these alphas");
  }

  @Test
  void refusesDifferentArchitecturesByNameInEveryMethod() {
    Path sd1 = sd1(TO_Q, 4, 4, DType.F16, gen).write(file("small"));
    var other = new TensorFile();
    pair(
        other,
        "lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k",
        640,
        4,
        2048,
        4,
        DType.F16,
        gen);
    Path sdxl = other.write(file("large"));
    LoraInput[] both = {new LoraInput(sd1, 1), new LoraInput(sdxl, 1)};
    for (LoraMerging merging :
        List.of(
            LoraMerging.of(both),
            LoraMerging.of(both).rank(4),
            LoraMerging.of(both).kohya(false),
            LoraMerging.of(both).kohya(true))) {
      Problem problem = merging.failureInto(file("out"));
      assertThat(problem.kind()).isEqualTo(Kind.INCOMPATIBLE);
      assertThat(problem.line())
          .contains("large.safetensors", "SDXL", "SD 1.x", "small.safetensors");
    }
    LoraMergeReport report =
        LoraMerging.of(both)
            .options(new MergeOptions(Precision.FLOAT, Optional.empty(), true, true, false))
            .into(file("out"));
    assertThat(report.plan().loras()).hasSize(1);
  }

  @Test
  void refusesCheckpointsAndUnsupportedFormats() {
    Path base = new TensorFile().random(Sample.sd1(DType.F16), 0.05, gen).write(file("base"));
    Path lora = sd1(TO_Q, 4, 4, DType.F16, gen).write(file("lora"));
    assertThat(
            LoraMerging.of(new LoraInput(lora, 1), new LoraInput(base, 1))
                .failureInto(file("out"))
                .line())
        .contains("base.safetensors", "a checkpoint (SD 1.x)");
    Path loha =
        sd1(TO_Q, 4, 4, DType.F16, gen)
            .random(CONV + ".hada_w1_a", DType.F16, Shape.of(320, 4), 0.1, gen)
            .write(file("loha"));
    assertThat(LoraMerging.of(new LoraInput(loha, 1)).failureInto(file("out")).line())
        .contains("LoHa");
  }

  @Test
  void refusesWhenNothingWouldBeLeft() {
    Path lora = sd1(TO_Q, 4, 4, DType.F16, gen).write(file("lora"));
    assertThat(LoraMerging.of(new LoraInput(lora, 0)).failureInto(file("out")).line())
        .contains("nothing would be left");
  }

  @Test
  void refusesInfinitiesUnlessAllowed() {
    Path lora = sd1(TO_Q, 4, 4, DType.F16, gen).write(file("lora"));
    var huge = new LoraInput(lora, 1e14);
    Problem problem = LoraMerging.of(huge).failureInto(file("out"));
    assertThat(problem.kind()).isEqualTo(Kind.VERIFICATION);
    assertThat(Files.exists(file("out"))).isFalse();
    LoraMergeReport report =
        LoraMerging.of(huge)
            .options(new MergeOptions(Precision.FLOAT, Optional.empty(), true, false, true))
            .into(file("out"));
    assertThat(report.warnings()).hasSize(1);
  }

  @Test
  void guessesTheArchitectureOfTextEncoderParts() {
    String module = "lora_te1_text_model_encoder_layers_0_self_attn_q_proj";
    var lora = new TensorFile();
    pair(lora, module, 768, 4, 768, 4, DType.F16, gen);
    LoraMerging merging = LoraMerging.of(new LoraInput(lora.write(file("te")), 0.5));
    merging.into(file("out"));
    assertThat(TensorFile.allBytes(file("out"))).containsKey(module + ".lora_up.weight");
    try (PreparedLoraMerge merge = merging.prepare()) {
      assertThat(merge.warnings()).anyMatch(warning -> warning.contains("SDXL"));
    }
  }

  @Test
  void turnsTheTransposedProjectionOfSdxlBackIntoALorasOrientation() {
    String module = "lora_te2_text_projection";
    var lora = new TensorFile();
    pair(lora, module, 1280, 3, 1280, 3, DType.F32, gen);
    pair(
        lora,
        "lora_unet_input_blocks_4_1_transformer_blocks_0_attn2_to_k",
        640,
        3,
        2048,
        3,
        DType.F32,
        gen);
    Path path = lora.write(file("te2"));
    LoraMerging.of(new LoraInput(path, 2)).into(file("out"));
    double[] expected = new double[1280 * 1280];
    double[] actual = new double[1280 * 1280];
    Updates.add(expected, 1280, 1280, path, module, 2);
    Updates.add(actual, 1280, 1280, file("out"), module, 1);
    assertThat(Updates.relativeError(actual, expected)).isLessThan(1e-6);
  }

  @Test
  void takesTheWidestTypeOfTheInputs() {
    Path half = sd1(TO_Q, 2, 2, DType.F16, gen).write(file("half"));
    Path brain = sd1(TO_Q, 2, 2, DType.BF16, gen).write(file("brain"));
    LoraMerging.of(new LoraInput(half, 1)).into(file("one"));
    LoraMerging.of(new LoraInput(brain, 1)).into(file("two"));
    LoraMerging.of(new LoraInput(half, 1), new LoraInput(brain, 1)).into(file("three"));
    assertThat(typeOf("one")).isEqualTo(DType.F16);
    assertThat(typeOf("two")).isEqualTo(DType.BF16);
    assertThat(typeOf("three")).isEqualTo(DType.F32);
  }

  private DType typeOf(String name) {
    try (SafetensorsFile out = SafetensorsFile.open(file(name))) {
      return out.find(TO_Q + ".lora_up.weight").orElseThrow().dtype();
    }
  }

  @Test
  void writesMetadataTriggerWordsAndTrueHashes() {
    Path a =
        sd1(TO_Q, 2, 2, DType.F16, gen)
            .metadata("ss_v2", "False")
            .metadata("ss_base_model_version", "sd_v1")
            .metadata("modelspec.title", "Pixel")
            .metadata("modelspec.trigger_phrase", "pixel art")
            .metadata("ss_tag_frequency", "{\"10_px\": {\"pixel\": 3, \"cat\": 1}}")
            .metadata("sshs_model_hash", "stale")
            .write(file("a"));
    Path b =
        sd1(TO_Q, 2, 2, DType.F16, gen)
            .metadata("modelspec.trigger_phrase", "ink wash")
            .metadata("ss_tag_frequency", "{\"10_px\": {\"cat\": 2}, \"5_ink\": {\"ink\": 5}}")
            .write(file("b"));
    LoraMerging.of(new LoraInput(a, 1), new LoraInput(b, 0.5)).into(file("out"));
    try (SafetensorsFile out = SafetensorsFile.open(file("out"))) {
      ModelHash hash = ModelHash.of(out);
      assertThat(out.metadata())
          .containsEntry("ss_network_module", "networks.lora")
          .containsEntry("ss_network_alpha", "4")
          .containsEntry("ss_v2", "False")
          .containsEntry("ss_base_model_version", "sd_v1")
          .containsEntry("modelspec.architecture", "stable-diffusion-v1/lora")
          .containsEntry("modelspec.implementation", "diffusers")
          .containsEntry("modelspec.prediction_type", "epsilon")
          .containsEntry("modelspec.title", "out")
          .containsEntry("modelspec.merged_from", "Pixel, b")
          .containsEntry("modelspec.trigger_phrase", "pixel art, ink wash")
          .containsEntry(
              "ss_tag_frequency", "{\"10_px\":{\"pixel\":3,\"cat\":3},\"5_ink\":{\"ink\":5}}")
          .containsEntry("sshs_model_hash", hash.model())
          .containsEntry("sshs_legacy_hash", hash.legacy())
          .containsKey("athanor.recipe");
    }
  }

  @Test
  void leavesOnlyWhatDescribesTheNetworkWithoutMetadata() {
    Path a =
        sd1(TO_Q, 2, 2, DType.F16, gen)
            .metadata("modelspec.trigger_phrase", "pixel art")
            .write(file("a"));
    LoraMerging.of(new LoraInput(a, 1))
        .options(new MergeOptions(Precision.FLOAT, Optional.empty(), false, false, false))
        .into(file("out"));
    try (SafetensorsFile out = SafetensorsFile.open(file("out"))) {
      assertThat(out.metadata().keySet())
          .containsExactlyInAnyOrder(
              "ss_network_module",
              "ss_network_dim",
              "ss_network_alpha",
              "ss_v2",
              "ss_base_model_version",
              "sshs_model_hash",
              "sshs_legacy_hash");
    }
  }

  @Test
  void givesTheSameTensorsForAnyNumberOfThreads() throws IOException {
    LoraInput one = new LoraInput(sd1(TO_Q, 8, 8, DType.F16, gen).write(file("a")), 1);
    LoraInput two = new LoraInput(sd1(LDM_TO_Q, 9, 8, DType.F16, gen).write(file("b")), -0.4);
    var off = new MergeOptions(Precision.FLOAT, Optional.empty(), false, false, false);
    for (int threads : new int[] {1, 3}) {
      LoraMerging.of(one, two).options(off).threads(threads).into(file("exact" + threads));
      LoraMerging.of(one, two).options(off).rank(6).threads(threads).into(file("svd" + threads));
    }
    for (String method : List.of("exact", "svd")) {
      assertThat(
              Arrays.mismatch(
                  Files.readAllBytes(file(method + 1)), Files.readAllBytes(file(method + 3))))
          .isEqualTo(-1);
    }
  }

  @Test
  void tellsWhatEachMethodWouldMakeOfThem() {
    LoraInput one = new LoraInput(sd1(TO_Q, 8, 8, DType.F16, gen).write(file("a")), 1);
    LoraInput two = new LoraInput(sd1(TO_Q, 4, 8, DType.F16, gen).write(file("b")), 1);
    LoraMerging merging = LoraMerging.of(one, two);
    try (PreparedLoraMerge merge = merging.prepare()) {
      List<MethodForecast> outlooks =
          MethodForecast.of(merging.run(), merge, OptionalInt.empty(), file("out"));
      assertThat(outlooks)
          .extracting(
              outlook -> outlook.method().text(),
              outlook -> outlook.result().map(result -> result.ranks().text()).orElse("no"))
          .containsExactly(
              org.assertj.core.groups.Tuple.tuple("exact", "12"),
              org.assertj.core.groups.Tuple.tuple("svd to rank 8", "8"),
              org.assertj.core.groups.Tuple.tuple("kohya", "no"));
      assertThat(MethodForecast.modulesInCommon(merge)).isEqualTo(2);
    }
  }
}
