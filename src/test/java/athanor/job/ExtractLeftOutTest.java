package athanor.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import athanor.error.AthanorException;
import athanor.file.OutputTarget;
import athanor.kernel.Kernels;
import athanor.merge.lora.LeftOut;
import athanor.merge.lora.extract.ExtractionOptions;
import athanor.merge.plan.Precision;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import athanor.testkit.Gen;
import athanor.testkit.Sample;
import athanor.testkit.TensorFile;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an extraction says of differences that it does not take. */
class ExtractLeftOutTest {
  private static final String UNET = "model.diffusion_model.";
  private static final String TEXT = "cond_stage_model.transformer.text_model.encoder.layers.0.";
  private static final String Q = UNET + "input_blocks.1.1.transformer_blocks.0.attn1.to_q.weight";
  private static final String BIAS = UNET + "input_blocks.1.1.proj_in.bias";
  private static final String NORM = UNET + "input_blocks.1.1.norm.weight";
  private static final String FIRST = UNET + "input_blocks.0.0.weight";

  /** The squared norm of the change of {@link #Q}. */
  private static final double TAKEN = 320 * 320 * 0.25 * 0.25;

  @TempDir private Path folder;
  private final Gen gen = Gen.fixed(6);

  private Path file(String name) {
    return folder.resolve(name + ".safetensors");
  }

  private Path base() {
    return new TensorFile().random(Sample.sd1(DType.F32), 0.05, gen).write(file("base"));
  }

  /** The base, with this added to every value of some of its tensors. */
  private static TensorFile changed(Path base, double by, String... keys) {
    TensorFile copy = TensorFile.copyOf(base);
    for (String key : keys) {
      float[] values = TensorFile.floats(base, key);
      for (int i = 0; i < values.length; i++) {
        values[i] += (float) by;
      }
      Shape shape =
          Sample.sd1(DType.F32).stream()
              .filter(tensor -> tensor.key().equals(key))
              .findFirst()
              .orElseThrow()
              .shape();
      copy.put(key, DType.F32, shape, values);
    }
    return copy;
  }

  private LoraReport extract(Path base, Path tuned) {
    ExtractionOptions options =
        new ExtractionOptions(
            1,
            OptionalInt.empty(),
            OptionalDouble.empty(),
            ExtractionOptions.DEFAULT_MIN_DIFF,
            Precision.FLOAT,
            Optional.empty());
    return new ExtractRun(Kernels.create(), 2, Progress.NONE, new Cancellation())
        .run(
            new ExtractRequest(base, tuned, options, false, false, false, true),
            OutputTarget.of(file("out"), false));
  }

  private static void assertError(LoraReport report, double lost) {
    assertThat(report.result().errorOfModules()).isLessThan(1e-4);
    assertThat(report.result().relativeError())
        .isCloseTo(Math.sqrt(lost / (TAKEN + lost)), within(1e-5));
  }

  @Test
  void relatesTheErrorToAllThatDiffersAndNamesWhatIsNotTaken() {
    Path base = base();
    Path tuned = changed(base, 0.25, Q, BIAS, NORM).write(file("tuned"));
    LoraReport report = extract(base, tuned);
    assertError(report, 2 * 320 * 0.0625);
    assertThat(report.result().leftOut())
        .extracting(LeftOut::toString)
        .containsExactlyInAnyOrder(
            "biases: 1 (" + BIAS + ")", "norms and other vectors: 1 (" + NORM + ")");
    assertThat(report.warnings()).anyMatch(note -> note.contains(BIAS) && note.contains(NORM));
  }

  @Test
  void countsTextEncodersThatHardlyDiffer() {
    Path base = base();
    String text = TEXT + "self_attn.q_proj.weight";
    TensorFile tuned = changed(base, 0.005, text);
    tuned.put(Q, DType.F32, Shape.of(320, 320), raised(base, Q));
    LoraReport report = extract(base, tuned.write(file("tuned")));
    assertError(report, 768 * 768 * 0.005 * 0.005);
    assertThat(report.result().leftOut())
        .singleElement()
        .asString()
        .contains("below --min_diff", text);
  }

  private static float[] raised(Path base, String key) {
    float[] values = TensorFile.floats(base, key);
    for (int i = 0; i < values.length; i++) {
      values[i] += 0.25f;
    }
    return values;
  }

  @Test
  void countsTheInputChannelsThatOnlyOneFirstConvolutionHas() {
    Path base = base();
    float[] narrow = TensorFile.floats(base, FIRST);
    float[] wide = new float[320 * 81];
    for (int row = 0; row < 320; row++) {
      System.arraycopy(narrow, row * 36, wide, row * 81, 36);
      Arrays.fill(wide, row * 81 + 36, (row + 1) * 81, 0.5f);
    }
    Path inpainting =
        changed(base, 0.25, Q)
            .put(FIRST, DType.F32, Shape.of(320, 9, 3, 3), wide)
            .write(file("inpainting"));
    LoraReport report = extract(base, inpainting);
    assertError(report, 320 * 45 * 0.25);
    assertThat(report.result().leftOut())
        .singleElement()
        .asString()
        .contains(
            "another number of input channels", FIRST, "[320, 9, 3, 3] against [320, 4, 3, 3]");
  }

  @Test
  void saysWhereOnlyWeightsDifferThatALoraDoesNotHold() {
    Path base = base();
    Path tuned = changed(base, 0.25, BIAS).write(file("tuned"));
    assertThatThrownBy(() -> extract(base, tuned))
        .isInstanceOfSatisfying(
            AthanorException.class,
            e ->
                assertThat(e.problem().line())
                    .contains("only weights differ", "biases: 1 (" + BIAS + ")")
                    .doesNotContain("two different checkpoints"));
    assertThat(file("out")).doesNotExist();
  }

  @Test
  void namesTensorsThatOneSideLacks() {
    Path base = base();
    TensorFile tuned = changed(base, 0.25, Q).put("mine.extra", DType.F32, Shape.of(2), 1f, 2f);
    Sample.sd1(DType.F32).stream()
        .filter(tensor -> tensor.key().startsWith("cond_stage_model."))
        .forEach(tensor -> tuned.remove(tensor.key()));
    LoraReport report = extract(base, tuned.write(file("tuned")));
    assertError(report, 0);
    assertThat(report.result().leftOut())
        .extracting(LeftOut::what)
        .containsExactlyInAnyOrder(
            "text encoder tensors that tuned.safetensors lacks",
            "tensors that base.safetensors lacks");
  }

  @Test
  void comparesFilesWhoseKeysHaveSomethingAroundThem() {
    Path base = base();
    Path tuned = changed(base, 0.25, Q, NORM, TEXT + "layer_norm1.bias").write(file("tuned"));
    var wrapped = new TensorFile();
    TensorFile.allBytes(tuned)
        .forEach((key, bytes) ->
            Sample.sd1(DType.F32).stream()
                .filter(tensor -> tensor.key().equals(key))
                .forEach(tensor ->
                    wrapped.put(
                        new TensorInfo("module." + key, tensor.dtype(), tensor.shape()), bytes)));
    LoraReport report = extract(base, wrapped.write(file("wrapped")));
    assertError(report, (320 + 768) * 0.0625);
    assertThat(report.result().leftOut())
        .extracting(LeftOut::tensors)
        .containsExactlyInAnyOrder(1, 1);
  }
}
