package athanor.adapter.format;

import static athanor.testkit.Golden.g;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.adapter.AdapterFormatContract;
import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.error.Problem;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.testkit.TensorFile;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The golden vector for BOFT with one factor, computed in float64 with PEFT. */
class PeftBoftTest extends AdapterFormatContract {
  private final AdapterFormat format =
      AdapterFormats.ALL.stream().filter(PeftBoft.class::isInstance).findFirst().orElseThrow();

  @Override
  protected AdapterFormat format() {
    return format;
  }

  private static TensorFile blocks(long factors, long count, long rows, long columns) {
    Shape shape = Shape.of(factors, count, rows, columns);
    return new TensorFile()
        .put(MODULE + ".boft_R", DType.F32, shape, g(5, 2, (int) shape.elementCount()))
        .put(MODULE + ".boft_s", DType.F32, Shape.of(6, 1), g(7, 3, 6));
  }

  @Override
  protected TensorFile module() {
    return blocks(1, 2, 2, 2);
  }

  @Override
  protected Shape shape() {
    return Shape.of(6, 4);
  }

  @Override
  protected Expected expected() {
    return new Expected(-0.00203319, -3.76717409, 0.15403435, 0.03269483, 0.00668419);
  }

  @Override
  protected List<Part> required() {
    return List.of(PeftBoft.BLOCKS, PeftBoft.FACTORS);
  }

  @Test
  void severalFactorsAreRefusedByName() {
    assertThatThrownBy(() -> merged(blocks(2, 2, 2, 2), shape(), 1))
        .isInstanceOfSatisfying(
            AthanorException.class,
            e -> assertThat(e.problem().kind()).isEqualTo(Kind.INCOMPATIBLE))
        .hasMessageContaining("BOFT of PEFT with several factors");
  }

  @Test
  void blocksThatDoNotCoverTheInputsAreRefused() {
    assertThatThrownBy(() -> merged(module(), Shape.of(6, 5), 1))
        .isInstanceOf(AthanorException.class)
        .hasMessageContaining("does not fit");
  }

  @Test
  void blocksThatAreNotSquareAreBroken() {
    assertProblem(blocks(1, 2, 2, 3));
    assertProblem(blocks(1, 0, 2, 2));
  }

  private void assertProblem(TensorFile file) {
    problemOf(
        file,
        problem -> assertThat(problem.map(Problem::what).orElse("none")).contains("not square"));
  }
}
