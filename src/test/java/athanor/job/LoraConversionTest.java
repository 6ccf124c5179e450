package athanor.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.file.OutputTarget;
import athanor.job.input.Inputs;
import athanor.kernel.Kernels;
import athanor.merge.lora.LoraFormat;
import athanor.merge.method.RankLimits;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.safetensors.SafetensorsFile;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.testkit.Delta64;
import athanor.testkit.Gen;
import athanor.testkit.Sample;
import athanor.testkit.TensorFile;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** LoHa, LoKr and full differences as plain pairs, compared with products in float64. */
class LoraConversionTest {
  private static final Kernels KERNELS = Kernels.create();
  private static final String Q =
      "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q";
  private static final String NORM =
      "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_norm1";
  private static final String K2 =
      "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k";
  private static final String CONV = "lora_unet_down_blocks_0_resnets_0_conv1";
  private static final String CONV_IN = "lora_unet_conv_in";
  private static final int SIDE = 320;

  @TempDir private Path folder;
  private final Gen gen = Gen.fixed(5);

  private Path file(String name) {
    return folder.resolve(name + ".safetensors");
  }

  private static RankLimits rank(int rank) {
    return new RankLimits(OptionalInt.of(rank), OptionalInt.empty(), OptionalDouble.empty());
  }

  private static ConvertOptions options(RankLimits limits, Optional<LoraFormat> format) {
    return new ConvertOptions(Optional.empty(), format, false, true, false, Optional.of(limits));
  }

  private static ConvertRun run() {
    return new ConvertRun(KERNELS, 2, Progress.NONE, new Cancellation());
  }

  private ConvertReport convert(TensorFile lora, RankLimits limits) {
    Path input = lora.write(file("in"));
    ConvertOptions options = options(limits, Optional.empty());
    long forecast = run().judge(Inputs.LOCAL, input, options);
    ConvertReport report = run().run(input, options, OutputTarget.of(file("out"), true));
    if (limits.keep().isEmpty()) {
      assertThat(report.bytes()).isBetween(forecast, forecast + 8192);
    }
    return report;
  }

  private TensorFile random(TensorFile file, String key, long... dims) {
    return file.random(key, DType.F32, Shape.of(dims), 0.3, gen);
  }

  /** What tells SD 1.x. */
  private TensorFile beside() {
    var file = new TensorFile();
    return Sample.pair(file, K2, SIDE, 4, 768, DType.F32, gen);
  }

  private TensorFile lokr(TensorFile file, String module, int rank) {
    random(file, module + ".lokr_w1", 4, 4);
    random(file, module + ".lokr_w2_a", 80, rank);
    return random(file, module + ".lokr_w2_b", rank, 80);
  }

  private TensorFile fullLokr(TensorFile file) {
    random(file, Q + ".lokr_w1", 4, 4);
    return random(file, Q + ".lokr_w2", 80, 80);
  }

  private static double[] kronecker(Path lora, double scale, double[] second, int columns) {
    float[] first = TensorFile.floats(lora, Q + ".lokr_w1");
    double[] result = new double[16 * second.length];
    for (int i = 0; i < result.length; i++) {
      int row = i / (4 * columns);
      int column = i % (4 * columns);
      result[i] =
          scale
              * first[row / 80 * 4 + column / columns]
              * second[row % 80 * columns + column % columns];
    }
    return result;
  }

  private static double[] product(float[] left, float[] right, int rank) {
    int rows = left.length / rank;
    int columns = right.length / rank;
    double[] result = new double[rows * columns];
    for (int i = 0; i < result.length; i++) {
      for (int k = 0; k < rank; k++) {
        result[i] += (double) left[i / columns * rank + k] * right[k * columns + i % columns];
      }
    }
    return result;
  }

  private static double[] doubles(float[] values) {
    double[] result = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      result[i] = values[i];
    }
    return result;
  }

  private double[] made(String module) {
    return Objects.requireNonNull(Delta64.of(file("out")).get(module));
  }

  private static double distance(double[] expected, double[] actual) {
    return Delta64.distance(expected, actual) / Delta64.norm(expected);
  }

  private int rankOf(String module) {
    try (StateDict out = SafetensorsFile.open(file("out"))) {
      Shape down = out.find(module + ".lora_down.weight").orElseThrow().shape();
      return Math.toIntExact(down.dim(0));
    }
  }

  @Test
  void aLokrOfLowRankBecomesAPairWithoutLoss() {
    TensorFile lora = lokr(beside(), Q, 2).put(Q + ".alpha", DType.F32, Shape.of(), 1);
    lora.metadata("ss_network_module", "lycoris.kohya")
        .metadata("ss_network_args", "{\"algo\": \"lokr\"}")
        .metadata("ss_output_name", "mine");
    ConvertReport report = convert(lora, RankLimits.NONE);
    assertThat(report.approximation()).isEmpty();
    assertThat(rankOf(Q)).isEqualTo(8);
    double[] second =
        product(
            TensorFile.floats(file("in"), Q + ".lokr_w2_a"),
            TensorFile.floats(file("in"), Q + ".lokr_w2_b"),
            2);
    assertThat(distance(kronecker(file("in"), 0.5, second, 80), made(Q))).isLessThan(1e-6);
    assertThat(distance(Objects.requireNonNull(Delta64.of(file("in")).get(K2)), made(K2)))
        .isLessThan(1e-6);
    try (StateDict out = SafetensorsFile.open(file("out"))) {
      assertThat(out.metadata())
          .containsEntry("ss_network_module", "networks.lora")
          .containsEntry("ss_network_dim", "Dynamic")
          .containsEntry("ss_output_name", "mine")
          .containsKeys("sshs_model_hash", "ss_base_model_version")
          .doesNotContainKey("ss_network_args");
    }
  }

  @Test
  void aLohaOfLowRankBecomesAPairWithoutLoss() {
    TensorFile lora = beside();
    for (String matrix : new String[] {"1", "2"}) {
      random(lora, Q + ".hada_w" + matrix + "_a", SIDE, 3);
      random(lora, Q + ".hada_w" + matrix + "_b", 3, SIDE);
    }
    convert(lora, RankLimits.NONE);
    double[][] matrices = new double[2][];
    for (int i = 0; i < 2; i++) {
      String key = Q + ".hada_w" + (i + 1);
      float[] left = TensorFile.floats(file("in"), key + "_a");
      matrices[i] = product(left, TensorFile.floats(file("in"), key + "_b"), 3);
    }
    for (int i = 0; i < matrices[0].length; i++) {
      matrices[0][i] *= matrices[1][i];
    }
    assertThat(rankOf(Q)).isEqualTo(9);
    assertThat(distance(matrices[0], made(Q))).isLessThan(1e-6);
  }

  @Test
  void aConvolutionKeepsItsShape() {
    TensorFile lora = beside();
    random(lora, CONV + ".lokr_w1", 4, 4);
    random(lora, CONV + ".lokr_w2_a", 80, 2);
    random(lora, CONV + ".lokr_w2_b", 2, 80, 3, 3);
    convert(lora, RankLimits.NONE);
    try (StateDict out = SafetensorsFile.open(file("out"))) {
      assertThat(out.find(CONV + ".lora_down.weight").orElseThrow().shape())
          .isEqualTo(Shape.of(8, SIDE, 3, 3));
      assertThat(out.find(CONV + ".lora_up.weight").orElseThrow().shape())
          .isEqualTo(Shape.of(SIDE, 8, 1, 1));
      assertThat(out.metadata().get("ss_network_args")).contains("\"conv_dim\": \"8\"");
    }
  }

  @Test
  void fullRankNeedsALimitAndTheErrorIsStated() {
    Path input = fullLokr(beside()).write(file("in"));
    assertThatThrownBy(() ->
            run()
                .run(
                    input,
                    options(RankLimits.NONE, Optional.empty()),
                    OutputTarget.of(file("out"), true)))
        .isInstanceOfSatisfying(
            AthanorException.class,
            e -> {
              assertThat(e.problem().kind()).isEqualTo(Kind.USAGE);
              assertThat(e.problem().line()).contains(Q, "1 of 2 modules");
              assertThat(e.problem().help().orElse("")).contains("--rank 64", "--keep");
            });
    assertThat(file("out")).doesNotExist();
    ConvertReport report = convert(fullLokr(beside()), rank(40));
    double[] second = doubles(TensorFile.floats(file("in"), Q + ".lokr_w2"));
    double error = distance(kronecker(file("in"), 1, second, 80), made(Q));
    assertThat(rankOf(Q)).isEqualTo(40);
    assertThat(rankOf(K2)).isEqualTo(4);
    assertThat(error).isBetween(0.1, 0.95);
    var stated = report.approximation().orElseThrow().worst();
    assertThat(stated.module()).isEqualTo(Q);
    assertThat(stated.relativeError()).isCloseTo(error, within(1e-4));
  }

  @Test
  void aFullDifferenceBecomesAPairAndNormsAndBiasesStay() {
    TensorFile lora = beside();
    random(lora, CONV_IN + ".diff", SIDE, 4, 3, 3);
    random(lora, NORM + ".w_norm", SIDE);
    random(lora, CONV + ".diff_b", SIDE);
    ConvertReport report =
        convert(
            lora, new RankLimits(OptionalInt.empty(), OptionalInt.empty(), OptionalDouble.of(0.9)));
    double[] difference = doubles(TensorFile.floats(file("in"), CONV_IN + ".diff"));
    double error = distance(difference, made(CONV_IN));
    assertThat(error * error).isLessThanOrEqualTo(0.1 + 1e-5);
    assertThat(rankOf(CONV_IN)).isBetween(20, 35);
    assertThat(report.approximation().orElseThrow().relativeError()).isPositive();
    for (String key : new String[] {NORM + ".w_norm", CONV + ".diff_b"}) {
      assertThat(TensorFile.floats(file("out"), key)).isEqualTo(TensorFile.floats(file("in"), key));
    }
  }

  @Test
  void writesTheNamesOfDiffusersToo() {
    Path input = lokr(beside(), Q, 2).write(file("in"));
    run()
        .run(
            input,
            options(RankLimits.NONE, Optional.of(LoraFormat.PEFT)),
            OutputTarget.of(file("out"), true));
    assertThat(TensorFile.allBytes(file("out")))
        .containsKey(
            "unet.down_blocks.0.attentions.0.transformer_blocks.0.attn1.to_q.lora_A.weight");
  }

  @Test
  void givesTheSameBytesForAnyNumberOfThreads() {
    Path input = fullLokr(beside()).write(file("in"));
    for (int threads : new int[] {1, 3}) {
      new ConvertRun(KERNELS, threads, Progress.NONE, new Cancellation())
          .run(
              input,
              options(rank(8), Optional.empty()),
              OutputTarget.of(file("out" + threads), true));
    }
    assertThat(file("out1")).hasSameBinaryContentAs(file("out3"));
  }

  @Test
  void refusesCheckpointsModulesWithoutAPlaceAndWhatIsKnownByNameOnly() {
    Path base = new TensorFile().random(Sample.sd1(DType.F16), 0.05, gen).write(file("base"));
    assertRefused(base, "--to is about LoRAs");
    Path stray =
        lokr(lokr(beside(), Q, 2), "lora_unet_down_blocks_0_attentions_7_proj_in", 2)
            .write(file("stray"));
    assertRefused(stray, "lora_unet_down_blocks_0_attentions_7_proj_in");
    Path broken =
        beside().random(Q + ".lokr_w1", DType.F32, Shape.of(4, 4), 0.3, gen).write(file("broken"));
    assertRefused(broken, "a factor of the LoKr is missing");
  }

  private void assertRefused(Path input, String what) {
    assertThatThrownBy(() ->
            run()
                .run(
                    input,
                    options(RankLimits.NONE, Optional.empty()),
                    OutputTarget.of(file("out"), true)))
        .isInstanceOfSatisfying(
            AthanorException.class, e -> assertThat(e.problem().line()).contains(what));
    assertThat(file("out")).doesNotExist();
  }
}
