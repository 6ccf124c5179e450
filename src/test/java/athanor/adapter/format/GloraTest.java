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
import athanor.testkit.Golden;
import athanor.testkit.TensorFile;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The golden vectors for GLoRA, computed in float64 with LyCORIS. */
class GloraTest extends AdapterFormatContract {
  private static final Shape LINEAR = Shape.of(6, 4);
  private static final Shape CONV = Shape.of(6, 4, 3, 3);

  private final AdapterFormat format =
      AdapterFormats.ALL.stream().filter(Glora.class::isInstance).findFirst().orElseThrow();

  @Override
  protected AdapterFormat format() {
    return format;
  }

  private static TensorFile file(Shape a1, Shape a2, Shape b1, Shape b2) {
    return new TensorFile()
        .put(MODULE + ".alpha", DType.F32, Shape.of(), 1)
        .put(MODULE + ".a1.weight", DType.F32, a1, g(5, 2, (int) a1.elementCount()))
        .put(MODULE + ".a2.weight", DType.F32, a2, g(7, 3, (int) a2.elementCount()))
        .put(MODULE + ".b1.weight", DType.F32, b1, g(3, 5, (int) b1.elementCount()))
        .put(MODULE + ".b2.weight", DType.F32, b2, g(9, 6, (int) b2.elementCount()));
  }

  /** The same factors as the first versions of LyCORIS name them. */
  private static TensorFile early(Shape a1, Shape a2, Shape b1, Shape b2) {
    return new TensorFile()
        .put(MODULE + ".alpha", DType.F32, Shape.of(), 1)
        .put(MODULE + ".a2.weight", DType.F32, a1, g(5, 2, (int) a1.elementCount()))
        .put(MODULE + ".a1.weight", DType.F32, a2, g(7, 3, (int) a2.elementCount()))
        .put(MODULE + ".b2.weight", DType.F32, b1, g(3, 5, (int) b1.elementCount()))
        .put(MODULE + ".b1.weight", DType.F32, b2, g(9, 6, (int) b2.elementCount()));
  }

  @Override
  protected TensorFile module() {
    return file(Shape.of(4, 2), Shape.of(2, 4), Shape.of(6, 2), Shape.of(2, 4));
  }

  @Override
  protected Shape shape() {
    return LINEAR;
  }

  /** W of sum −0.1875, wsum 4.5, and ΔW. */
  @Override
  protected Expected expected() {
    return new Expected(
        -0.1875 - 0.31103516,
        4.5 - 2.60668945,
        -0.4375 + 0.00524902,
        -0.25 - 0.04370117,
        -0.0625 - 0.02624512);
  }

  @Override
  protected List<Part> required() {
    return List.of(Glora.A1, Glora.A2, Glora.B1, Glora.B2);
  }

  /** LyCORIS stores the alpha that was asked for and divides by √rank: ΔW is √2 as large. */
  @Test
  void dividesByTheRootOfTheRankWhereLycorisSaysSo() {
    float[] plain = merged(module(), LINEAR, 1);
    float[] stabilised =
        merged(module().metadata("ss_network_args", "{\"rs_lora\": \"True\"}"), LINEAR, 1);
    float[] weight = g(3, 1, plain.length);
    for (int i = 0; i < plain.length; i++) {
      assertThat((double) stabilised[i] - weight[i])
          .isCloseTo(Math.sqrt(2) * (plain[i] - (double) weight[i]), within(1e-6));
    }
  }

  @Test
  void theEarlyFormGivesTheSame() {
    assertThat(
            merged(
                early(Shape.of(4, 2), Shape.of(2, 4), Shape.of(6, 2), Shape.of(2, 4)), LINEAR, 1))
        .containsExactly(merged(module(), LINEAR, 1));
  }

  /** Of a 4 × 4 weight at rank 2 all factors meet in both forms; at rank 4 the early one counts. */
  @Test
  void theLongerSidesAreThoseOfASquareWeight() {
    Shape square = Shape.of(4, 4);
    Shape tall = Shape.of(4, 2);
    Shape wide = Shape.of(2, 4);
    float[] present = merged(file(tall, wide, tall, wide), square, 1);
    assertClose(present, formula(4, 2));
    assertThat(merged(early(tall, wide, tall, wide), square, 1)).containsExactly(present);
    assertClose(merged(early(square, square, square, square), square, 1), formula(4, 4));
  }

  /** W + alpha / rank · (b1·b2 + W·a1·a2) in float64. */
  private static double[] formula(int side, int rank) {
    double[] weight = doubles(g(3, 1, side * side));
    double[] added =
        product(doubles(g(3, 5, side * rank)), doubles(g(9, 6, rank * side)), side, rank);
    double[] matrix =
        product(doubles(g(5, 2, side * rank)), doubles(g(7, 3, rank * side)), side, rank);
    double[] multiplied = product(weight, matrix, side, side);
    double[] result = new double[weight.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = weight[i] + (added[i] + multiplied[i]) / rank;
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

  private static double[] product(double[] left, double[] right, int side, int inner) {
    double[] result = new double[side * side];
    for (int i = 0; i < result.length; i++) {
      for (int k = 0; k < inner; k++) {
        result[i] += left[i / side * inner + k] * right[k * side + i % side];
      }
    }
    return result;
  }

  private static void assertClose(float[] values, double[] expected) {
    for (int i = 0; i < values.length; i++) {
      assertThat((double) values[i]).isCloseTo(expected[i], within(1e-6));
    }
  }

  private static TensorFile conv() {
    return file(
        Shape.of(4, 2, 1, 1), Shape.of(2, 4, 1, 1), Shape.of(6, 2, 1, 1), Shape.of(2, 4, 3, 3));
  }

  @Test
  void aConvolutionGivesTheGoldenWeight() {
    Golden.assertSums(
        merged(conv(), CONV, 1), -0.65185547, -63.61108398, -0.53198242, -0.2923584, 0.05310059);
  }

  @Test
  void aCoreStandsBetweenTheFactorsThatAreAdded() {
    Shape point = Shape.of(2, 4, 1, 1);
    TensorFile withCore =
        file(Shape.of(4, 2, 1, 1), point, Shape.of(6, 2, 1, 1), point)
            .put(MODULE + ".bm.weight", DType.F32, Shape.of(2, 2, 3, 3), g(11, 4, 36));
    float[] core = g(11, 4, 36);
    float[] right = g(9, 6, 8);
    float[] folded = new float[72];
    for (int i = 0; i < folded.length; i++) {
      int rank = i / 36;
      for (int n = 0; n < 2; n++) {
        folded[i] += core[(rank * 2 + n) * 9 + i % 9] * right[n * 4 + i % 36 / 9];
      }
    }
    float[] expected =
        merged(conv().put(MODULE + ".b2.weight", DType.F32, Shape.of(2, 4, 3, 3), folded), CONV, 1);
    float[] result = merged(withCore, CONV, 1);
    for (int i = 0; i < result.length; i++) {
      assertThat((double) result[i]).isCloseTo(expected[i], within(1e-6));
    }
  }

  @Test
  void factorsThatDoNotMeetAreBroken() {
    for (TensorFile file :
        List.of(
            file(Shape.of(4, 3), Shape.of(2, 4), Shape.of(6, 2), Shape.of(2, 4)),
            file(Shape.of(4, 2), Shape.of(2, 4), Shape.of(6, 3), Shape.of(2, 4)),
            file(Shape.of(4, 0), Shape.of(0, 4), Shape.of(6, 0), Shape.of(0, 4)),
            file(Shape.of(4, 2), Shape.of(2, 5), Shape.of(6, 2), Shape.of(2, 4)),
            file(Shape.of(5, 2), Shape.of(2, 5), Shape.of(6, 2), Shape.of(2, 4)))) {
      assertProblem(file, "do not meet in one rank");
    }
  }

  @Test
  void aVectorIsNoFactor() {
    assertProblem(
        file(Shape.of(4, 2), Shape.of(8), Shape.of(6, 2), Shape.of(2, 4)), "is not a matrix");
  }

  @Test
  void aCoreOfAnotherRankIsBroken() {
    assertProblem(
        module().put(MODULE + ".bm.weight", DType.F32, Shape.of(2, 3, 3, 3), g(1, 1, 54)),
        "does not fit between b1 and b2");
  }

  @Test
  void aFactorThatIsNotFiniteIsRefused() {
    Map<String, Shape> factors =
        Map.of(
            "a1", Shape.of(4, 2), "a2", Shape.of(2, 4), "b1", Shape.of(6, 2), "b2", Shape.of(2, 4));
    for (Map.Entry<String, Shape> factor : factors.entrySet()) {
      float[] values = new float[(int) factor.getValue().elementCount()];
      values[3] = Float.NaN;
      String key = MODULE + "." + factor.getKey() + ".weight";
      TensorFile file = module().put(key, DType.F32, factor.getValue(), values);
      assertThatThrownBy(() -> merged(file, LINEAR, 1))
          .isInstanceOf(AthanorException.class)
          .hasMessageContaining("NaN or infinite");
    }
  }

  private void assertProblem(TensorFile file, String what) {
    problemOf(
        file, problem -> assertThat(problem.map(Problem::what).orElse("none")).contains(what));
  }
}
