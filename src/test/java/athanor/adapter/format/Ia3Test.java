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

/** The golden vectors for IA3, computed in float64 with LyCORIS and PEFT. */
class Ia3Test extends AdapterFormatContract {
  private static final Shape LINEAR = Shape.of(6, 4);

  private final AdapterFormat format =
      AdapterFormats.ALL.stream().filter(Ia3.class::isInstance).findFirst().orElseThrow();

  @Override
  protected AdapterFormat format() {
    return format;
  }

  private static TensorFile lycoris(float[] values, boolean onInput, long... shape) {
    byte flag = (byte) (onInput ? 1 : 0);
    return new TensorFile()
        .put(MODULE + ".weight", DType.F32, Shape.of(shape), values)
        .put(new TensorInfo(MODULE + ".on_input", DType.BOOL, Shape.of()), new byte[] {flag});
  }

  private static TensorFile peft(float[] values, long... shape) {
    return new TensorFile().put(MODULE + ".ia3_l", DType.F32, Shape.of(shape), values);
  }

  @Override
  protected TensorFile module() {
    return lycoris(g(5, 2, 6), false, 6, 1);
  }

  @Override
  protected Shape shape() {
    return LINEAR;
  }

  /** W of sum −0.1875, wsum 4.5, and ΔW. */
  @Override
  protected Expected expected() {
    return new Expected(
        -0.1875 + 0.42578125,
        4.5 + 3.3515625,
        -0.4375 + 0.1640625,
        -0.25 + 0.09375,
        -0.0625 + 0.0234375);
  }

  @Override
  protected List<Part> required() {
    return List.of(Ia3.WEIGHT);
  }

  @Test
  void factorsOfInputsGiveTheGoldenWeight() {
    for (long[] stored : new long[][] {{4}, {1, 4}}) {
      Golden.assertSums(
          merged(lycoris(g(7, 3, 4), true, stored), LINEAR, 1),
          -0.1875 - 0.09375,
          4.5 - 5.6953125,
          -0.4375 + 0.13671875,
          -0.25 - 0.03125,
          -0.0625 + 0.03125);
    }
  }

  @Test
  void theFlagMayHaveBecomeAFloat() {
    TensorFile file =
        lycoris(g(7, 3, 4), false, 4).put(MODULE + ".on_input", DType.F16, Shape.of(), 1f);
    assertThat(merged(file, LINEAR, 1))
        .containsExactly(merged(lycoris(g(7, 3, 4), true, 4), LINEAR, 1));
  }

  @Test
  void theFlagTellsTheSideOfASquareWeight() {
    Shape square = Shape.of(4, 4);
    float[] before = g(3, 1, 16);
    float[] values = g(7, 3, 4);
    float[] inputs = merged(lycoris(values, true, 4), square, 1);
    float[] outputs = merged(lycoris(values, false, 4), square, 1);
    for (int i = 0; i < 16; i++) {
      assertThat((double) inputs[i]).isCloseTo(before[i] * (1.0 + values[i % 4]), within(1e-7));
      assertThat((double) outputs[i]).isCloseTo(before[i] * (1.0 + values[i / 4]), within(1e-7));
    }
  }

  @Test
  void aFactorOfAChannelIsThatOfItsWholeKernel() {
    Shape conv = Shape.of(6, 4, 3, 3);
    float[] before = g(3, 1, 216);
    float[] values = g(7, 3, 4);
    float[] result = merged(lycoris(values, true, 1, 4, 1, 1), conv, 1);
    float[] peft = merged(peft(values, 1, 4, 1, 1), conv, 1);
    for (int i = 0; i < 216; i++) {
      double factor = values[i / 9 % 4];
      assertThat((double) result[i]).isCloseTo(before[i] * (1 + factor), within(1e-7));
      assertThat((double) peft[i]).isCloseTo(before[i] * factor, within(1e-7));
    }
  }

  @Test
  void theFactorsOfPeftAreTheFactorsThemselves() {
    Golden.assertSums(
        merged(peft(g(5, 2, 6), 6, 1), LINEAR, 1),
        0.42578125,
        3.3515625,
        0.1640625,
        0.09375,
        0.0234375);
    Golden.assertSums(
        merged(peft(g(5, 2, 4), 1, 4), LINEAR, 1),
        0.37890625,
        6.1015625,
        0.1640625,
        0.015625,
        -0.015625);
  }

  @Test
  void peftMultipliesTheBiasByFactorsOfOutputs() {
    float[] bias = mergedBias(peft(g(5, 2, 6), 6, 1), LINEAR);
    float[] before = g(2, 5, 6);
    for (int i = 0; i < 6; i++) {
      assertThat(bias[i]).isEqualTo(before[i] * g(5, 2, 6)[i]);
    }
    assertThat(mergedBias(peft(g(5, 2, 4), 1, 4), LINEAR)).containsExactly(before);
    assertThat(mergedBias(module(), LINEAR)).containsExactly(before);
  }

  @Test
  void aConvolutionOfPeftWithAsManyInputsAsOutputsIsRefused() {
    assertThatThrownBy(() -> merged(peft(g(5, 2, 4), 1, 4, 1, 1), Shape.of(4, 4, 3, 3), 1))
        .isInstanceOf(AthanorException.class)
        .hasMessageContaining("outputs or to inputs");
  }

  @Test
  void theFlagAloneIsBroken() {
    assertProblem(module().remove(MODULE + ".weight"), "factors of the IA3 are missing");
  }

  @Test
  void factorsThatAreNoVectorAreBroken() {
    for (long[] stored : new long[][] {{2, 3}, {}, {0}, {1, 1, 6}}) {
      float[] values = g(5, 2, Math.toIntExact(Shape.of(stored).elementCount()));
      assertProblem(lycoris(values, false, stored), "neither outputs nor inputs");
    }
  }

  @Test
  void factorsOfBothKindsAreBroken() {
    assertProblem(
        module().put(MODULE + ".ia3_l", DType.F32, Shape.of(6, 1), g(5, 2, 6)),
        "of LyCORIS and of PEFT");
  }

  @Test
  void aFlagThatIsNoNumberIsRefused() {
    for (float flag : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      TensorFile file = module().put(MODULE + ".on_input", DType.F32, Shape.of(), flag);
      assertThatThrownBy(() -> merged(file, LINEAR, 1))
          .isInstanceOf(AthanorException.class)
          .hasMessageContaining("on_input is not a finite number");
    }
  }

  @Test
  void factorsForAnotherSideDoNotFit() {
    assertThatThrownBy(() -> merged(lycoris(g(5, 2, 6), true, 6, 1), LINEAR, 1))
        .isInstanceOf(AthanorException.class)
        .hasMessageContaining("does not fit");
    assertThatThrownBy(() -> merged(peft(g(5, 2, 5), 1, 5), LINEAR, 1))
        .isInstanceOf(AthanorException.class)
        .hasMessageContaining("does not fit");
  }

  private void assertProblem(TensorFile file, String what) {
    problemOf(
        file, problem -> assertThat(problem.map(Problem::what).orElse("none")).contains(what));
  }
}
