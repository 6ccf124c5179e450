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
import org.junit.jupiter.api.Test;

/** The golden vectors for LoHa, computed in float64 with LyCORIS. */
class LohaTest extends AdapterFormatContract {
  private static final Shape CONV = Shape.of(6, 4, 3, 3);

  private final AdapterFormat format =
      AdapterFormats.ALL.stream().filter(Loha.class::isInstance).findFirst().orElseThrow();

  @Override
  protected AdapterFormat format() {
    return format;
  }

  private static TensorFile factors(Shape left, Shape right) {
    return new TensorFile()
        .put(MODULE + ".hada_w1_a", DType.F32, left, g(5, 2, (int) left.elementCount()))
        .put(MODULE + ".hada_w1_b", DType.F32, right, g(7, 3, (int) right.elementCount()))
        .put(MODULE + ".hada_w2_a", DType.F32, left, g(3, 5, (int) left.elementCount()))
        .put(MODULE + ".hada_w2_b", DType.F32, right, g(9, 6, (int) right.elementCount()));
  }

  private static TensorFile tucker() {
    return factors(Shape.of(2, 6), Shape.of(2, 4))
        .put(MODULE + ".hada_t1", DType.F32, Shape.of(2, 2, 3, 3), g(11, 4, 36))
        .put(MODULE + ".hada_t2", DType.F32, Shape.of(2, 2, 3, 3), g(13, 7, 36));
  }

  private static TensorFile withAlpha(TensorFile file, float alpha) {
    return file.put(MODULE + ".alpha", DType.F32, Shape.of(), alpha);
  }

  @Override
  protected TensorFile module() {
    return withAlpha(factors(Shape.of(6, 2), Shape.of(2, 4)), 1);
  }

  @Override
  protected Shape shape() {
    return Shape.of(6, 4);
  }

  /** W of sum −0.1875, wsum 4.5, and ΔW. */
  @Override
  protected Expected expected() {
    return new Expected(
        -0.1875 - 0.01140594,
        4.5 - 0.09745026,
        -0.4375 + 0.00109863,
        -0.25 + 0.00128174,
        -0.0625 + 0.00102997);
  }

  @Override
  protected List<Part> required() {
    return List.of(Loha.FIRST_LEFT, Loha.FIRST_RIGHT, Loha.SECOND_LEFT, Loha.SECOND_RIGHT);
  }

  private float[] delta(TensorFile file, Shape shape) {
    float[] delta = merged(file, shape, 1);
    float[] before = g(3, 1, delta.length);
    for (int i = 0; i < delta.length; i++) {
      delta[i] -= before[i];
    }
    return delta;
  }

  @Test
  void tuckerCoresGiveTheGoldenDelta() {
    float[] delta = delta(withAlpha(tucker(), 2), CONV);
    assertThat(Golden.sum(delta))
        .isCloseTo(0.06937557, org.assertj.core.api.Assertions.within(1e-5));
    assertThat(Golden.weightedSum(delta))
        .isCloseTo(11.39135581, org.assertj.core.api.Assertions.within(1e-3));
  }

  @Test
  void factorsOfFourDimensionsMeanTheSameAsFlatOnes() {
    float[] flat = delta(factors(Shape.of(6, 2), Shape.of(2, 36)), CONV);
    float[] spatial = delta(factors(Shape.of(6, 2, 1, 1), Shape.of(2, 4, 3, 3)), CONV);
    assertThat(spatial).containsExactly(flat);
    assertThat(flat).hasSize(216);
  }

  @Test
  void oneCoreAloneIsBroken() {
    assertProblem(tucker().remove(MODULE + ".hada_t2"), "one Tucker core");
  }

  @Test
  void factorsThatDoNotMeetAreBroken() {
    assertProblem(
        module().put(MODULE + ".hada_w2_a", DType.F32, Shape.of(6, 3), g(1, 1, 18)),
        "do not meet in one rank");
    assertProblem(factors(Shape.of(6, 0), Shape.of(2, 4)), "do not meet in one rank");
    assertProblem(factors(Shape.of(6), Shape.of(1, 4)), "do not meet in one rank");
    assertProblem(
        tucker().put(MODULE + ".hada_t1", DType.F32, Shape.of(2, 3, 3, 3), g(1, 1, 54)),
        "do not meet in one rank");
  }

  @Test
  void matricesOfOtherSizesAreBroken() {
    assertProblem(
        module()
            .put(MODULE + ".hada_w2_a", DType.F32, Shape.of(5, 2), g(1, 1, 10))
            .put(MODULE + ".hada_w2_b", DType.F32, Shape.of(2, 4), g(1, 1, 8)),
        "differ in size");
  }

  private void assertProblem(TensorFile file, String what) {
    problemOf(
        file, problem -> assertThat(problem.map(Problem::what).orElse("none")).contains(what));
  }
}
