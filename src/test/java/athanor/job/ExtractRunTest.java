package athanor.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.file.OutputTarget;
import athanor.kernel.Kernels;
import athanor.merge.lora.extract.ExtractionOptions;
import athanor.merge.plan.Precision;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.recipe.LoraInput;
import athanor.safetensors.SafetensorsFile;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.testkit.Delta64;
import athanor.testkit.Gen;
import athanor.testkit.Merging;
import athanor.testkit.Sample;
import athanor.testkit.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Extractions from small cuttings of real checkpoints and merges of known LoRAs into them. */
class ExtractRunTest {
  private static final Kernels KERNELS = Kernels.create();
  private static final String Q =
      "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q";
  private static final String CONV = "lora_unet_down_blocks_0_resnets_0_conv1";
  private static final String TEXT = "lora_te_text_model_encoder_layers_0_self_attn_q_proj";

  @TempDir private Path folder;
  private final Gen gen = Gen.fixed(5);

  private Path file(String name) {
    return folder.resolve(name + ".safetensors");
  }

  private Path base() {
    return new TensorFile().random(Sample.sd1(DType.F32), 0.05, gen).write(file("base"));
  }

  /** Rank 4 for a linear layer, a 3×3 convolution and a text layer. */
  private Path lora() {
    TensorFile lora = Sample.pair(new TensorFile(), Q, 320, 4, 320, DType.F32, gen);
    return Sample.pair(lora, TEXT, 768, 4, 768, DType.F32, gen)
        .random(CONV + ".lora_up.weight", DType.F32, Shape.of(320, 4, 1, 1), 0.1, gen)
        .random(CONV + ".lora_down.weight", DType.F32, Shape.of(4, 320, 3, 3), 0.1, gen)
        .write(file("lora"));
  }

  private Path tuned(Path base, Path lora) {
    Merging.of(base, new LoraInput(lora, 1)).into(file("tuned"));
    return file("tuned");
  }

  private static ExtractionOptions options(int rank) {
    return new ExtractionOptions(
        rank,
        OptionalInt.empty(),
        OptionalDouble.empty(),
        ExtractionOptions.DEFAULT_MIN_DIFF,
        Precision.FLOAT,
        Optional.empty());
  }

  private LoraReport extract(Path base, Path tuned, ExtractionOptions options, String output) {
    return new ExtractRun(KERNELS, 2, Progress.NONE, new Cancellation())
        .run(
            new ExtractRequest(base, tuned, options, false, false, false, true),
            OutputTarget.of(file(output), false));
  }

  private void assertSame(Map<String, double[]> expected, Map<String, double[]> actual) {
    assertThat(actual.keySet()).isEqualTo(expected.keySet());
    expected.forEach((module, full) ->
        assertThat(Delta64.distance(full, actual.get(module)))
            .as(module)
            .isLessThan(1e-4 * Delta64.norm(full)));
  }

  @Test
  void givesBackTheLoraThatWasMerged() {
    Path base = base();
    Path lora = lora();
    ExtractionOptions withConvolutions =
        new ExtractionOptions(
            8, OptionalInt.of(6), OptionalDouble.empty(), 0.01, Precision.FLOAT, Optional.empty());
    LoraReport report = extract(base, tuned(base, lora), withConvolutions, "out");
    assertSame(Delta64.of(lora), Delta64.of(file("out")));
    assertThat(report.result().relativeError()).isLessThan(1e-3);
    assertThat(TensorFile.floats(file("out"), Q + ".alpha")).containsExactly(8f);
    assertThat(TensorFile.floats(file("out"), CONV + ".alpha")).containsExactly(6f);
  }

  @Test
  void takesConvolutionsOnlyWithARankForThem() {
    Path base = base();
    extract(base, tuned(base, lora()), options(4), "out");
    assertThat(Delta64.of(file("out")).keySet()).containsExactlyInAnyOrder(Q, TEXT);
  }

  @Test
  void leavesOutTextEncodersThatHardlyDiffer() {
    Path base = base();
    Path small =
        Sample.pair(
                Sample.pair(new TensorFile(), Q, 320, 4, 320, DType.F32, gen),
                TEXT,
                768,
                1,
                768,
                DType.F32,
                gen)
            .put(TEXT + ".alpha", DType.F32, Shape.of(), 1e-3f)
            .write(file("small"));
    LoraReport report = extract(base, tuned(base, small), options(4), "out");
    assertThat(Delta64.of(file("out")).keySet()).containsExactly(Q);
    assertThat(report.warnings()).anyMatch(note -> note.contains("text encoders are left out"));
  }

  @Test
  void statesTheErrorThatTheRankAndTheConvolutionLeave() {
    Path base = base();
    Path lora = lora();
    LoraReport report = extract(base, tuned(base, lora), options(2), "out");
    Map<String, double[]> before = Delta64.of(lora);
    Map<String, double[]> after = Delta64.of(file("out"));
    double error = 0;
    double norm = 0;
    for (String module : before.keySet()) {
      double[] none = new double[before.get(module).length];
      double[] made = after.getOrDefault(module, none);
      error += Math.pow(Delta64.distance(before.get(module), made), 2);
      norm += Math.pow(Delta64.norm(before.get(module)), 2);
    }
    assertThat(report.result().relativeError()).isCloseTo(Math.sqrt(error / norm), within(1e-4));
  }

  @Test
  void clampsOnlyOnRequestAndStatesWhatThatCosts() {
    Path base = base();
    Path tuned = tuned(base, lora());
    ExtractionOptions clamped =
        new ExtractionOptions(
            4,
            OptionalInt.empty(),
            OptionalDouble.of(0.99),
            0.01,
            Precision.FLOAT,
            Optional.empty());
    double plain = extract(base, tuned, options(4), "plain").result().errorOfModules();
    double cut = extract(base, tuned, clamped, "cut").result().errorOfModules();
    assertThat(plain).isLessThan(1e-3);
    assertThat(cut).isGreaterThan(0.05);
    float largest = 0;
    for (float value : TensorFile.floats(file("cut"), Q + ".lora_up.weight")) {
      largest = Math.max(largest, Math.abs(value));
    }
    float other = 0;
    for (float value : TensorFile.floats(file("cut"), Q + ".lora_down.weight")) {
      other = Math.max(other, Math.abs(value));
    }
    assertThat(other).isLessThanOrEqualTo(largest);
  }

  @Test
  void extractsQueryKeyAndValueOfAFusedProjection() {
    Path base = new TensorFile().random(Sample.sdxl(DType.F16), 0.05, gen).write(file("base"));
    String module = "lora_te2_text_model_encoder_layers_0_self_attn_k_proj";
    Path lora =
        Sample.pair(new TensorFile(), module, 1280, 3, 1280, DType.F32, gen).write(file("lora"));
    extract(base, tuned(base, lora), options(16), "out");
    assertThat(Delta64.of(file("out")).keySet()).containsExactly(module);
    double[] full = Delta64.of(lora).get(module);
    double[] found = Delta64.of(file("out")).get(module);
    assertThat(Delta64.distance(full, found)).isLessThan(0.01 * Delta64.norm(full));
    try (SafetensorsFile out = SafetensorsFile.open(file("out"))) {
      assertThat(out.metadata())
          .containsEntry("ss_base_model_version", "sdxl_base_v1-0")
          .containsEntry("modelspec.architecture", "stable-diffusion-xl-v1-base/lora")
          .containsEntry("ss_network_dim", "16")
          .containsKey("sshs_model_hash");
      assertThat(out.find(module + ".lora_up.weight").orElseThrow().dtype()).isEqualTo(DType.F16);
    }
  }

  @Test
  void refusesCheckpointsOfDifferentArchitecturesByName() {
    Path xl = new TensorFile().random(Sample.sdxl(DType.F16), 0.05, gen).write(file("xl"));
    Path base = base();
    assertThatThrownBy(() -> extract(base, xl, options(4), "out"))
        .isInstanceOfSatisfying(
            AthanorException.class,
            e -> {
              assertThat(e.problem().kind()).isEqualTo(Kind.INCOMPATIBLE);
              assertThat(e.problem().line())
                  .contains("found Segmind-Vega")
                  .contains("expected: SD 1.x");
            });
  }

  @Test
  void refusesTwoCheckpointsThatDoNotDiffer() {
    Path base = base();
    assertThatThrownBy(() -> extract(base, base, options(4), "out"))
        .hasMessageContaining("nothing to extract");
    assertThat(file("out")).doesNotExist();
  }

  @Test
  void refusesALoraAsTheTunedCheckpoint() {
    Path base = base();
    Path lora = lora();
    assertThatThrownBy(() -> extract(base, lora, options(4), "out"))
        .hasMessageContaining("the tuned checkpoint is a LoRA");
  }

  @Test
  void saysWhenFlagsContradictTheFiles() {
    Path base = base();
    Path tuned = tuned(base, lora());
    LoraReport report =
        new ExtractRun(KERNELS, 1, Progress.NONE, new Cancellation())
            .run(
                new ExtractRequest(base, tuned, options(2), true, true, false, false),
                OutputTarget.of(file("out"), false));
    assertThat(report.warnings())
        .anyMatch(note -> note.contains("--sdxl"))
        .anyMatch(note -> note.contains("--v2"));
  }

  @Test
  void givesTheSameBytesForAnyNumberOfThreads() throws IOException {
    Path base = base();
    Path tuned = tuned(base, lora());
    for (int threads : new int[] {1, 3}) {
      new ExtractRun(KERNELS, threads, Progress.NONE, new Cancellation())
          .run(
              new ExtractRequest(base, tuned, options(4), false, false, false, false),
              OutputTarget.of(file("out" + threads), false));
    }
    assertThat(Files.readAllBytes(file("out3"))).isEqualTo(Files.readAllBytes(file("out1")));
  }
}
