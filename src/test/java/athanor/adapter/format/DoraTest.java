package athanor.adapter.format;

import static athanor.testkit.Golden.g;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import athanor.adapter.AdapterFormatContract;
import athanor.error.AthanorException;
import athanor.error.Problem;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import athanor.testkit.Golden;
import athanor.testkit.TensorFile;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The golden vectors for DoRA, computed in float64 with LyCORIS and PEFT. */
class DoraTest extends AdapterFormatContract {
  private static final Shape CONV = Shape.of(6, 4, 3, 3);
  private static final Shape LINEAR = Shape.of(6, 4);

  private final AdapterFormat format =
      AdapterFormats.ALL.stream().filter(Dora.class::isInstance).findFirst().orElseThrow();

  @Override
  protected AdapterFormat format() {
    return format;
  }

  private static TensorFile magnitude(TensorFile file, String name, float[] values, long... shape) {
    for (int i = 0; i < values.length; i++) {
      values[i] += 1;
    }
    return file.put(MODULE + name, DType.F32, Shape.of(shape), values);
  }

  private static TensorFile alpha(TensorFile file, float alpha) {
    return file.put(MODULE + ".alpha", DType.F32, Shape.of(), alpha);
  }

  private static TensorFile pair() {
    return alpha(
        new TensorFile()
            .put(MODULE + ".lora_up.weight", DType.F32, Shape.of(6, 2), g(5, 2, 12))
            .put(MODULE + ".lora_down.weight", DType.F32, Shape.of(2, 4), g(7, 3, 8)),
        1);
  }

  private static TensorFile convPair() {
    return alpha(
        new TensorFile()
            .put(MODULE + ".lora_up.weight", DType.F32, Shape.of(6, 2, 1, 1), g(5, 2, 12))
            .put(MODULE + ".lora_down.weight", DType.F32, Shape.of(2, 4, 3, 3), g(7, 3, 72)),
        1);
  }

  @Override
  protected TensorFile module() {
    return magnitude(pair(), ".dora_scale", g(5, 2, 6), 6, 1);
  }

  @Override
  protected Shape shape() {
    return LINEAR;
  }

  @Override
  protected Expected expected() {
    return new Expected(0.30582656, 14.16626152, -0.49182876, -0.33444356, 0.03196887);
  }

  /** Without its magnitude the module is what it alters, and sound. */
  @Override
  protected List<Part> required() {
    return List.of();
  }

  @Test
  void magnitudesOfInputsGiveTheGoldenWeight() {
    Golden.assertSums(
        merged(magnitude(pair(), ".dora_scale", g(7, 3, 4), 1, 4), LINEAR, 1),
        -0.28177807,
        -1.82824659,
        -0.33163547,
        -0.34472402,
        0.01389336);
  }

  @Test
  void aConvolutionGivesTheGoldenWeightsOfBothSides() {
    Golden.assertSums(
        merged(magnitude(convPair(), ".dora_scale", g(5, 2, 6), 6, 1, 1, 1), CONV, 1),
        0.30244023,
        37.82305777,
        -0.12395299,
        -0.09263154,
        0.00666414);
    Golden.assertSums(
        merged(magnitude(convPair(), ".dora_scale", g(5, 2, 4), 1, 4, 1, 1), CONV, 1),
        -0.36080942,
        -58.05394449,
        -0.10028347,
        -0.07494302,
        0.00539158);
  }

  @Test
  void aLohaGivesTheGoldenWeight() {
    TensorFile loha =
        new TensorFile()
            .put(MODULE + ".hada_w1_a", DType.F32, Shape.of(6, 2), g(5, 2, 12))
            .put(MODULE + ".hada_w1_b", DType.F32, Shape.of(2, 4), g(7, 3, 8))
            .put(MODULE + ".hada_w2_a", DType.F32, Shape.of(6, 2), g(3, 5, 12))
            .put(MODULE + ".hada_w2_b", DType.F32, Shape.of(2, 4), g(9, 6, 8));
    Golden.assertSums(
        merged(magnitude(alpha(loha, 1), ".dora_scale", g(5, 2, 6), 6, 1), LINEAR, 1),
        0.04334917,
        9.77722457,
        -0.52382291,
        -0.29854243,
        -0.07378394);
  }

  /** The golden LoKr, as the full difference that it comes to. */
  @Test
  void aFullDifferenceGivesTheGoldenWeight() {
    float[] first = g(5, 2, 4);
    float[] left = g(3, 5, 3);
    float[] right = g(9, 6, 2);
    float[] difference = new float[24];
    for (int i = 0; i < 24; i++) {
      int row = i / 4;
      int column = i % 4;
      difference[i] = 0.5f * first[row / 3 * 2 + column / 2] * left[row % 3] * right[column % 2];
    }
    TensorFile full = new TensorFile().put(MODULE + ".diff", DType.F32, Shape.of(6, 4), difference);
    Golden.assertSums(
        merged(magnitude(full, ".dora_scale", g(5, 2, 6), 6, 1), LINEAR, 1),
        0.0270127,
        9.16332506,
        -0.53093899,
        -0.28189634,
        -0.07597414);
  }

  private static TensorFile peft(Shape up, Shape down) {
    return alpha(
        new TensorFile()
            .put(MODULE + ".lora_A.weight", DType.F32, down, g(5, 2, (int) down.elementCount()))
            .put(MODULE + ".lora_B.weight", DType.F32, up, g(7, 3, (int) up.elementCount())),
        1);
  }

  @Test
  void everySpellingOfPeftGivesTheGoldenWeight() {
    for (String name :
        List.of(
            ".lora_magnitude_vector",
            ".lora_magnitude_vector.weight",
            ".lora_magnitude_vector.default",
            ".lora_magnitude_vector.default.weight",
            ".magnitude")) {
      Golden.assertSums(
          merged(magnitude(peft(Shape.of(6, 2), Shape.of(2, 4)), name, g(5, 2, 6), 6), LINEAR, 1),
          0.04294441,
          8.8936478,
          -0.49241228,
          -0.29298531,
          -0.09355833);
    }
  }

  /** Stored as {@code [1, out, 1, 1]}, which is a magnitude of inputs under LyCORIS's name. */
  @Test
  void aConvolutionOfPeftGivesTheGoldenWeight() {
    TensorFile pair = peft(Shape.of(6, 2, 1, 1), Shape.of(2, 4, 3, 3));
    Golden.assertSums(
        merged(magnitude(pair, ".lora_magnitude_vector.weight", g(5, 2, 6), 1, 6, 1, 1), CONV, 1),
        0.20201355,
        26.91137124,
        -0.12231849,
        -0.09141005,
        -0.03814232);
  }

  @Test
  void theShapeTellsTheSideOfASquareWeight() {
    TensorFile square =
        new TensorFile()
            .put(MODULE + ".lora_up.weight", DType.F32, Shape.of(4, 2), g(5, 2, 8))
            .put(MODULE + ".lora_down.weight", DType.F32, Shape.of(2, 4), g(7, 3, 8));
    Shape shape = Shape.of(4, 4);
    for (long[] stored : new long[][] {{4, 1}, {4}}) {
      float[] outputs = merged(magnitude(square, ".dora_scale", g(5, 2, 4), stored), shape, 1);
      assertThat(norm(outputs, 1)).isCloseTo(0.625, within(1e-6));
      assertThat(norm(outputs, 4)).isNotCloseTo(0.625, within(1e-3));
    }
    float[] inputs = merged(magnitude(square, ".dora_scale", g(5, 2, 4), 1, 4), shape, 1);
    assertThat(norm(inputs, 4)).isCloseTo(0.625, within(1e-6));
    assertThat(norm(inputs, 1)).isNotCloseTo(0.625, within(1e-3));
  }

  /** Of the first row (step 1) or column (step 4) of a 4 × 4 matrix. */
  private static double norm(float[] values, int step) {
    double squares = 0;
    for (int i = 0; i < 4; i++) {
      squares += (double) values[i * step] * values[i * step];
    }
    return Math.sqrt(squares);
  }

  @Test
  void anAlphaScalesWithinTheNorm() {
    float[] doubled = merged(magnitude(alpha(pair(), 2), ".dora_scale", g(5, 2, 6), 6), LINEAR, 1);
    double squares = 0;
    for (int i = 0; i < 4; i++) {
      squares += (double) doubled[i] * doubled[i];
    }
    assertThat(Math.sqrt(squares)).isCloseTo(0.625, within(1e-6));
    assertThat(doubled).isNotEqualTo(merged(module(), LINEAR, 1));
  }

  @Test
  void tablesNameTheSide() {
    assertThat(kindOf(magnitude(pair(), ".dora_scale", g(5, 2, 6), 6, 1)))
        .isEqualTo("LoRA + DoRA per output");
    assertThat(kindOf(magnitude(pair(), ".dora_scale", g(5, 2, 4), 1, 4)))
        .isEqualTo("LoRA + DoRA per input");
  }

  @Test
  void aMagnitudeAloneIsBroken() {
    assertProblem(
        magnitude(new TensorFile(), ".dora_scale", g(5, 2, 6), 6, 1), "nothing beside it to alter");
  }

  @Test
  void aMagnitudeOfAnotherShapeIsBroken() {
    for (long[] stored : new long[][] {{2, 3}, {}, {0}, {1, 2, 3}, {1, 1, 6}}) {
      float[] values = g(5, 2, Math.toIntExact(Shape.of(stored).elementCount()));
      assertProblem(magnitude(pair(), ".dora_scale", values, stored), "neither outputs nor inputs");
    }
  }

  @Test
  void twoMagnitudesAreBroken() {
    assertProblem(
        magnitude(module(), ".lora_magnitude_vector", g(5, 2, 6), 6), "has two magnitudes");
    assertProblem(magnitude(module(), ".magnitude", g(5, 2, 6), 6), "two tensors play the same");
  }

  @Test
  void aMagnitudeOfIntegersIsBroken() {
    assertProblem(
        pair().put(new TensorInfo(MODULE + ".dora_scale", DType.I32, Shape.of(6)), new byte[24]),
        "no floating-point number");
  }

  @Test
  void aMagnitudeForAnotherNumberOfOutputsOrInputsDoesNotFit() {
    for (long[] stored : new long[][] {{5, 1}, {1, 6}}) {
      float[] values = g(5, 2, (int) Math.max(stored[0], stored[1]));
      assertThatThrownBy(() -> merged(magnitude(pair(), ".dora_scale", values, stored), LINEAR, 1))
          .isInstanceOf(AthanorException.class)
          .hasMessageContaining("does not fit");
    }
  }

  @Test
  void aMagnitudeBesideABiasAloneHasNoChange() {
    TensorFile bias = new TensorFile().put(MODULE + ".diff_b", DType.F32, Shape.of(6), g(1, 1, 6));
    assertThatThrownBy(() -> merged(magnitude(bias, ".dora_scale", g(5, 2, 6), 6, 1), LINEAR, 1))
        .isInstanceOf(AthanorException.class)
        .hasMessageContaining("no change of the weight beside it");
  }

  private void assertProblem(TensorFile file, String what) {
    problemOf(
        file, problem -> assertThat(problem.map(Problem::what).orElse("none")).contains(what));
  }
}
