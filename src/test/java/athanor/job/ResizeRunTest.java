package athanor.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.file.OutputTarget;
import athanor.format.ModelHash;
import athanor.kernel.Kernels;
import athanor.merge.lora.ModuleChange;
import athanor.merge.lora.resize.RankRule;
import athanor.merge.lora.resize.ResizeOptions;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.safetensors.SafetensorsFile;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.testkit.Delta64;
import athanor.testkit.Gen;
import athanor.testkit.Sample;
import athanor.testkit.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.ejml.data.DMatrixRMaj;
import org.ejml.dense.row.factory.DecompositionFactory_DDRM;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole resizes of small LoRAs, against decompositions of the full matrices in float64. */
class ResizeRunTest {
  private static final Kernels KERNELS = Kernels.create();
  private static final String Q =
      "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q";
  private static final String LOHA = Q;
  private static final String PAIR =
      "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k";
  private static final String FULL =
      "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_v";
  private static final String NORM =
      "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_norm1";
  private static final String CONV = "lora_unet_down_blocks_0_resnets_0_conv1";

  @TempDir private Path folder;
  private final Gen gen = Gen.fixed(11);

  private Path file(String name) {
    return folder.resolve(name + ".safetensors");
  }

  private static ResizeOptions fixed(int rank) {
    return new ResizeOptions(
        new RankRule.Fixed(), rank, rank, OptionalLong.empty(), Optional.of(DType.F32));
  }

  private static ResizeOptions dynamic(RankRule.Method method, double parameter) {
    int none = ResizeOptions.UNLIMITED;
    return new ResizeOptions(
        new RankRule.Dynamic(method, parameter),
        none,
        none,
        OptionalLong.empty(),
        Optional.of(DType.F32));
  }

  private LoraReport resize(Path input, ResizeOptions options, String output) {
    return resize(input, options, output, 2);
  }

  private LoraReport resize(Path input, ResizeOptions options, String output, int threads) {
    return new ResizeRun(KERNELS, threads, Progress.NONE, new Cancellation())
        .run(input, options, OutputTarget.of(file(output), false));
  }

  /** Linear, 3×3 and Tucker pairs with alphas, a difference and a norm. */
  private TensorFile locon(DType dtype) {
    return Sample.pair(new TensorFile(), Q, 48, 12, 40, dtype, gen)
        .put(Q + ".alpha", DType.F32, Shape.of(), 6)
        .random(CONV + ".lora_up.weight", dtype, Shape.of(20, 8, 1, 1), 0.1, gen)
        .random(CONV + ".lora_down.weight", dtype, Shape.of(8, 10, 3, 3), 0.1, gen)
        .put(CONV + ".alpha", DType.F16, Shape.of(), 3)
        .random("tucker.lora_up.weight", dtype, Shape.of(20, 6, 1, 1), 0.3, gen)
        .random("tucker.lora_mid.weight", dtype, Shape.of(6, 6, 3, 3), 0.3, gen)
        .random("tucker.lora_down.weight", dtype, Shape.of(6, 10, 1, 1), 0.3, gen)
        .random("other.diff", dtype, Shape.of(5, 7), 0.1, gen)
        .random("norm.w_norm", dtype, Shape.of(9), 0.1, gen);
  }

  @Test
  void keepsTheUpdateWithinTheSmallestPossibleError() {
    Path input = locon(DType.F32).write(file("in"));
    LoraReport report = resize(input, fixed(4), "out");
    Map<String, double[]> before = Delta64.of(input);
    Map<String, double[]> after = Delta64.of(file("out"));
    assertThat(after.keySet()).isEqualTo(before.keySet());
    for (ModuleChange module : report.result().all()) {
      double[] full = before.get(module.module());
      int rows = module.module().equals(Q) ? 48 : 20;
      double best = bestError(full, rows, 4);
      double actual = Delta64.distance(full, after.get(module.module()));
      assertThat(actual).isEqualTo(best, within(1e-5 * Delta64.norm(full)));
      assertThat(Math.sqrt(module.squaredError())).isEqualTo(best, within(1e-6 * best));
      assertThat(module.rank()).isEqualTo(4);
    }
  }

  private static double bestError(double[] matrix, int rows, int rank) {
    int columns = matrix.length / rows;
    var svd = DecompositionFactory_DDRM.svd(rows, columns, false, false, true);
    svd.decompose(new DMatrixRMaj(rows, columns, true, matrix.clone()));
    double[] s = Arrays.copyOf(svd.getSingularValues(), svd.numberOfSingularValues());
    Arrays.sort(s);
    double sum = 0;
    for (int i = 0; i < s.length - rank; i++) {
      sum += s[i] * s[i];
    }
    return Math.sqrt(sum);
  }

  @Test
  void keepsTheUpdateWhenTheRankStays() {
    Path input = locon(DType.F32).write(file("in"));
    LoraReport report = resize(input, fixed(64), "out");
    Map<String, double[]> after = Delta64.of(file("out"));
    Delta64.of(input)
        .forEach((module, full) ->
            assertThat(Delta64.distance(full, after.get(module)))
                .isLessThan(1e-6 * Delta64.norm(full)));
    assertThat(report.warnings()).anyMatch(note -> note.contains("keep a smaller rank than 64"));
  }

  @Test
  void scalesAlphaWithTheRank() {
    Path input = locon(DType.F16).write(file("in"));
    resize(input, fixed(4), "out");
    assertThat(TensorFile.floats(file("out"), Q + ".alpha")).containsExactly(2f);
    assertThat(TensorFile.floats(file("out"), CONV + ".alpha")).containsExactly(1.5f);
  }

  @Test
  void expandsATuckerCore() {
    resize(locon(DType.F16).write(file("in")), fixed(4), "out");
    try (SafetensorsFile out = SafetensorsFile.open(file("out"))) {
      assertThat(out.find("tucker.lora_mid.weight")).isEmpty();
      assertThat(out.find("tucker.lora_down.weight").orElseThrow().shape())
          .isEqualTo(Shape.of(4, 10, 3, 3));
      assertThat(out.find("tucker.alpha")).isEmpty();
    }
  }

  @Test
  void carriesOtherTensorsByteForByte() {
    Path input = locon(DType.BF16).write(file("in"));
    ResizeOptions asStored =
        new ResizeOptions(new RankRule.Fixed(), 4, 4, OptionalLong.empty(), Optional.empty());
    resize(input, asStored, "out");
    Map<String, byte[]> before = TensorFile.allBytes(input);
    Map<String, byte[]> after = TensorFile.allBytes(file("out"));
    for (String key : new String[] {"other.diff", "norm.w_norm"}) {
      assertThat(after.get(key)).isEqualTo(before.get(key));
    }
  }

  @Test
  void multipliesTheScaleOfAPeftConfigurationIntoTheFactors() {
    Path input =
        new TensorFile()
            .random("unet.x.lora_A.weight", DType.F32, Shape.of(8, 30), 0.1, gen)
            .random("unet.x.lora_B.weight", DType.F32, Shape.of(20, 8), 0.1, gen)
            .metadata("lora_adapter_metadata", "{\"unet.r\": 8, \"unet.lora_alpha\": 3}")
            .write(file("in"));
    resize(input, fixed(8), "out");
    double[] full = Delta64.of(input).get("unet.x");
    assertThat(Delta64.distance(full, Delta64.of(file("out")).get("unet.x")))
        .isLessThan(1e-6 * Delta64.norm(full));
    try (SafetensorsFile out = SafetensorsFile.open(file("out"))) {
      assertThat(out.metadata()).doesNotContainKey("lora_adapter_metadata");
      assertThat(out.tensors()).hasSize(2);
    }
  }

  @Test
  void choosesARankForEachModule() {
    Path input = locon(DType.F32).write(file("in"));
    LoraReport report = resize(input, dynamic(RankRule.Method.SV_FRO, 0.8), "out");
    assertThat(report.result().all())
        .allSatisfy(module -> {
          assertThat(module.rank()).isBetween(2, module.rankBefore());
          assertThat(module.relativeError()).isLessThanOrEqualTo(0.6 + 1e-9);
        });
  }

  @Test
  void fitsTheWantedFileSizeClosely() throws IOException {
    TensorFile lora = new TensorFile();
    for (int i = 0; i < 12; i++) {
      Sample.pair(lora, "lora_unet_m" + i, 200, 32, 100 + 10 * i, DType.F16, gen);
    }
    Path input = lora.write(file("in"));
    int none = ResizeOptions.UNLIMITED;
    long wanted = Files.size(input) / 2;
    resize(
        input,
        new ResizeOptions(
            new RankRule.Fixed(), none, none, OptionalLong.of(wanted), Optional.empty()),
        "out");
    assertThat(Files.size(file("out"))).isBetween(wanted * 9 / 10, wanted);
  }

  @Test
  void refusesASizeThatCannotBeReached() {
    Path input = locon(DType.F16).write(file("in"));
    ResizeOptions tiny =
        new ResizeOptions(new RankRule.Fixed(), 4, 4, OptionalLong.of(500), Optional.empty());
    assertThatThrownBy(() -> resize(input, tiny, "out"))
        .isInstanceOfSatisfying(
            AthanorException.class,
            e -> assertThat(e.problem().kind()).isEqualTo(Kind.INCOMPATIBLE));
    assertThat(file("out")).doesNotExist();
  }

  private static Set<String> keys(Path file) {
    return TensorFile.allBytes(file).keySet();
  }

  /** A LoHa, a LoRA and a full difference of SD 1.x in one file. */
  private TensorFile mixed() {
    TensorFile lora = new TensorFile().put(LOHA + ".alpha", DType.F32, Shape.of(), 2);
    for (String factor : List.of("w1_a", "w1_b", "w2_a", "w2_b")) {
      Shape shape = factor.endsWith("a") ? Shape.of(320, 3) : Shape.of(3, 320);
      lora.random(LOHA + ".hada_" + factor, DType.F32, shape, 0.5, gen);
    }
    return Sample.pair(lora, PAIR, 320, 8, 768, DType.F32, gen)
        .put(PAIR + ".alpha", DType.F32, Shape.of(), 4)
        .random(FULL + ".diff", DType.F32, Shape.of(320, 320), 0.1, gen)
        .random(NORM + ".w_norm", DType.F32, Shape.of(320), 0.1, gen);
  }

  private static double[] product(Path file, String left, String right, int rank) {
    float[] up = TensorFile.floats(file, left);
    float[] down = TensorFile.floats(file, right);
    int rows = up.length / rank;
    int columns = down.length / rank;
    double[] result = new double[rows * columns];
    for (int i = 0; i < result.length; i++) {
      for (int k = 0; k < rank; k++) {
        result[i] += (double) up[i / columns * rank + k] * down[k * columns + i % columns];
      }
    }
    return result;
  }

  @Test
  void makesPairsOfOtherFormatsAndSaysTheError() {
    Path input = mixed().write(file("in"));
    LoraReport report = resize(input, fixed(7), "out");
    assertThat(keys(file("out")))
        .contains(LOHA + ".lora_up.weight", PAIR + ".lora_up.weight", FULL + ".lora_up.weight")
        .contains(NORM + ".w_norm")
        .doesNotContain(LOHA + ".hada_w1_a", FULL + ".diff");

    double[] one = product(input, LOHA + ".hada_w1_a", LOHA + ".hada_w1_b", 3);
    double[] two = product(input, LOHA + ".hada_w2_a", LOHA + ".hada_w2_b", 3);
    double[] loha = new double[one.length];
    for (int i = 0; i < loha.length; i++) {
      loha[i] = 2.0 / 3 * one[i] * two[i];
    }
    float[] stored = TensorFile.floats(input, FULL + ".diff");
    double[] full = new double[stored.length];
    for (int i = 0; i < full.length; i++) {
      full[i] = stored[i];
    }
    double[] pair = product(input, PAIR + ".lora_up.weight", PAIR + ".lora_down.weight", 8);
    for (int i = 0; i < pair.length; i++) {
      pair[i] *= 0.5;
    }
    var exact = Map.of(LOHA, loha, FULL, full, PAIR, pair);
    Map<String, double[]> made = Delta64.of(file("out"));
    double error = 0;
    double norm = 0;
    for (ModuleChange change : report.result().all()) {
      double[] whole = Objects.requireNonNull(exact.get(change.module()));
      double distance = Delta64.distance(whole, Objects.requireNonNull(made.get(change.module())));
      double size = Delta64.norm(whole);
      assertThat(change.rank()).isEqualTo(7);
      assertThat(change.relativeError()).isCloseTo(distance / size, within(2e-3));
      error += distance * distance;
      norm += size * size;
    }
    assertThat(report.result().all()).hasSize(3);
    assertThat(report.result().relativeError()).isCloseTo(Math.sqrt(error / norm), within(2e-3));
    assertThat(report.warnings()).anyMatch(note -> note.contains("kohya's names"));
  }

  @Test
  void keepsALohaWholeWhereItsRankAllows() {
    Path input = mixed().write(file("in"));
    LoraReport report = resize(input, fixed(9), "out");
    ModuleChange loha =
        report.result().all().stream()
            .filter(change -> change.module().equals(LOHA))
            .findFirst()
            .orElseThrow();
    assertThat(loha.rankBefore()).as("rank 3 · 3").isEqualTo(9);
    assertThat(loha.relativeError()).isLessThan(1e-5);
  }

  private void assertRefused(Path input, ResizeOptions options, String... texts) {
    assertThatThrownBy(() -> resize(input, options, "out"))
        .isInstanceOfSatisfying(
            AthanorException.class,
            e -> {
              assertThat(e.problem().kind()).isEqualTo(Kind.INCOMPATIBLE);
              assertThat(e.problem().line() + e.problem().help().orElse("")).contains(texts);
            });
    assertThat(file("out")).doesNotExist();
  }

  @Test
  void refusesRanksByMethodOrSizeForOtherFormats() {
    Path input = mixed().write(file("in"));
    String help = "athanor convert in.safetensors --out lora.safetensors --to lora --rank 128";
    assertRefused(input, dynamic(RankRule.Method.SV_FRO, 0.9), "LoHa", help);
    ResizeOptions small =
        new ResizeOptions(new RankRule.Fixed(), 8, 8, OptionalLong.of(100_000), Optional.empty());
    assertRefused(input, small, "for low-rank pairs", help);
  }

  @Test
  void refusesWhatDependsOnTheWeights() {
    Path input =
        mixed().random(LOHA + ".dora_scale", DType.F32, Shape.of(1, 320), 1, gen).write(file("in"));
    assertRefused(
        input, fixed(4), LOHA, "depends on the weights", "athanor merge --base CHECKPOINT");
  }

  @Test
  void refusesAFileOfNormsAlone() {
    Path input =
        new TensorFile()
            .random(NORM + ".w_norm", DType.F32, Shape.of(320), 0.1, gen)
            .random(
                "lora_unet_down_blocks_0_attentions_0_norm.w_norm",
                DType.F32,
                Shape.of(320),
                0.1,
                gen)
            .write(file("in"));
    assertRefused(input, fixed(4), "nothing that could be a low-rank pair");
  }

  @Test
  void writesTheMetadataThatKohyaWritesAndBothHashes() {
    Path input =
        Sample.pair(new TensorFile(), Q, 48, 12, 40, DType.F16, gen)
            .put(Q + ".alpha", DType.F16, Shape.of(), 6)
            .metadata("ss_training_comment", "mine")
            .metadata("sshs_model_hash", "stale")
            .write(file("in"));
    resize(input, fixed(4), "fixed");
    resize(input, dynamic(RankRule.Method.SV_RATIO, 2.5), "dynamic");
    try (SafetensorsFile fixed = SafetensorsFile.open(file("fixed"));
        SafetensorsFile dynamic = SafetensorsFile.open(file("dynamic"))) {
      assertThat(fixed.metadata())
          .containsEntry("ss_training_comment", "dimension is resized from 12 to 4; mine")
          .containsEntry("ss_network_dim", "4")
          .containsEntry("ss_network_alpha", "2.0")
          .containsEntry("sshs_model_hash", ModelHash.of(fixed).model())
          .containsEntry("sshs_legacy_hash", ModelHash.of(fixed).legacy());
      assertThat(dynamic.metadata())
          .containsEntry("ss_training_comment", "Dynamic resize with sv_ratio: 2.5 from 12; mine")
          .containsEntry("ss_network_dim", "Dynamic")
          .containsEntry("ss_network_alpha", "Dynamic");
    }
  }

  @Test
  void givesTheSameBytesForAnyNumberOfThreads() throws IOException {
    Path input = locon(DType.F16).write(file("in"));
    resize(input, fixed(4), "one", 1);
    resize(input, fixed(4), "four", 4);
    assertThat(Files.readAllBytes(file("four"))).isEqualTo(Files.readAllBytes(file("one")));
  }
}
