package athanor.adapter.format;

import static athanor.testkit.Golden.g;
import static org.assertj.core.api.Assertions.assertThat;

import athanor.adapter.AdapterFormatContract;
import athanor.error.Problem;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.testkit.Golden;
import athanor.testkit.TensorFile;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LoraTest extends AdapterFormatContract {
  @Override
  protected AdapterFormat format() {
    return AdapterFormats.LORA;
  }

  private static TensorFile pair(Shape up, Shape down) {
    return new TensorFile()
        .put(MODULE + ".lora_up.weight", DType.F32, up, g(5, 2, (int) up.elementCount()))
        .put(MODULE + ".lora_down.weight", DType.F32, down, g(7, 3, (int) down.elementCount()));
  }

  /** Of scale ½ · ½. */
  @Override
  protected TensorFile module() {
    return pair(Shape.of(6, 2), Shape.of(2, 4)).put(MODULE + ".alpha", DType.F32, Shape.of(), 0.5f);
  }

  @Override
  protected Shape shape() {
    return Shape.of(6, 4);
  }

  /** W + 0.5 · ΔW of alpha 1. */
  @Override
  protected Expected expected() {
    return new Expected(-0.11132812, 5.64648438, -0.4140625, -0.2578125, -0.01855469);
  }

  @Override
  protected List<Part> required() {
    return List.of(Lora.UP, Lora.DOWN);
  }

  @Test
  void anAlphaOfAnyTypeIsAnAlpha() {
    float[] golden = merged(module(), shape(), 1);
    for (DType type : new DType[] {DType.F16, DType.BF16, DType.F64}) {
      TensorFile file =
          pair(Shape.of(6, 2), Shape.of(2, 4)).put(MODULE + ".alpha", type, Shape.of(1), 0.5f);
      assertThat(merged(file, shape(), 1)).containsExactly(golden);
    }
  }

  @Test
  void aScaleGoesBeforeAlpha() {
    TensorFile file = module().put(MODULE + ".scale", DType.F32, Shape.of(), 0f);
    assertThat(merged(file, shape(), 1)).containsExactly(g(3, 1, 24));
  }

  @Test
  void aLinearPairFitsAOneByOneConvolutionAndTheReverse() {
    float[] golden = merged(module(), shape(), 1);
    assertThat(merged(module(), Shape.of(6, 4, 1, 1), 1)).containsExactly(golden);
    TensorFile spatial =
        pair(Shape.of(6, 2, 1, 1), Shape.of(2, 4, 1, 1))
            .put(MODULE + ".alpha", DType.F32, Shape.of(), 0.5f);
    assertThat(merged(spatial, shape(), 1)).containsExactly(golden);
  }

  @Test
  void aConvolutionGivesTheGoldenWeight() {
    float[] weight = merged(pair(Shape.of(6, 2, 1, 1), Shape.of(2, 4, 3, 3)), CONV, 1);
    float[] before = g(3, 1, 216);
    for (int i = 0; i < weight.length; i++) {
      weight[i] -= before[i];
    }
    Golden.assertSums(weight, 0.375, 19.97265625, 0.1484375, -0.04296875, 0.1640625);
  }

  private static final Shape CONV = Shape.of(6, 4, 3, 3);

  @Test
  void ranksThatDisagreeAreNamed() {
    assertProblem(pair(Shape.of(6, 3), Shape.of(2, 4)), "the ranks of up and down disagree");
  }

  @Test
  void exchangedFactorsAreRecognised() {
    problemOf(
        pair(Shape.of(2, 4), Shape.of(6, 2)),
        problem -> assertThat(problem.orElseThrow().help().orElseThrow()).contains("exchanged"));
  }

  @Test
  void rankNoughtIsBroken() {
    assertProblem(pair(Shape.of(6, 0), Shape.of(0, 4)), "the pair has rank 0");
  }

  @Test
  void aVectorIsNoFactor() {
    assertProblem(pair(Shape.of(6), Shape.of(1, 4)), "a factor is not a matrix");
  }

  @Test
  void aCoreWithoutFactorsIsBroken() {
    assertProblem(
        new TensorFile()
            .put(MODULE + ".lora_mid.weight", DType.F32, Shape.of(2, 2, 3, 3), g(1, 1, 36)),
        "a mid factor without up and down");
  }

  @Test
  void twoSpellingsOfOnePartAreRefused() {
    assertProblem(
        module().put(MODULE + ".lora_A.weight", DType.F32, Shape.of(2, 4), g(7, 3, 8)),
        "two tensors play the same part of this module");
  }

  private void assertProblem(TensorFile file, String what) {
    problemOf(file, problem -> assertThat(problem.map(Problem::what)).isEqualTo(Optional.of(what)));
  }
}
