package athanor.adapter.format;

import static athanor.testkit.Golden.g;
import static org.assertj.core.api.Assertions.assertThat;

import athanor.adapter.AdapterFormatContract;
import athanor.error.Problem;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.testkit.TensorFile;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The golden vectors for HiRA, computed in float64 with PEFT's own merge. */
class HiraTest extends AdapterFormatContract {
  private final AdapterFormat format =
      AdapterFormats.ALL.stream().filter(Hira.class::isInstance).findFirst().orElseThrow();

  @Override
  protected AdapterFormat format() {
    return format;
  }

  private static TensorFile pair(Shape a, Shape b, String end) {
    return new TensorFile()
        .put(MODULE + ".hira_A" + end, DType.F32, a, g(5, 2, (int) a.elementCount()))
        .put(MODULE + ".hira_B" + end, DType.F32, b, g(7, 3, (int) b.elementCount()));
  }

  @Override
  protected TensorFile module() {
    return pair(Shape.of(2, 4), Shape.of(6, 2), "");
  }

  @Override
  protected Shape shape() {
    return Shape.of(6, 4);
  }

  @Override
  protected Expected expected() {
    return new Expected(-0.15307617, 4.63183594, -0.47851562, -0.25878906, -0.06103516);
  }

  @Override
  protected List<Part> required() {
    return List.of(Hira.A, Hira.B);
  }

  @Test
  void theNameOfAnAdapterMayStandBehind() {
    assertThat(merged(pair(Shape.of(2, 4), Shape.of(6, 2), ".default"), shape(), 1))
        .containsExactly(merged(module(), shape(), 1));
  }

  @Test
  void factorsOfDifferentRanksAreBroken() {
    problemOf(
        pair(Shape.of(3, 4), Shape.of(6, 2), ""),
        problem -> assertThat(problem.map(Problem::what).orElse("none")).contains("do not meet"));
    problemOf(
        pair(Shape.of(0, 4), Shape.of(6, 0), ""),
        problem -> assertThat(problem.map(Problem::what).orElse("none")).contains("do not meet"));
  }
}
