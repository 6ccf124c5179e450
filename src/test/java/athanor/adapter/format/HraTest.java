package athanor.adapter.format;

import static athanor.testkit.Golden.g;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

/** The golden vectors for HRA, computed in float64 with PEFT. */
class HraTest extends AdapterFormatContract {
  private final AdapterFormat format =
      AdapterFormats.ALL.stream().filter(Hra.class::isInstance).findFirst().orElseThrow();

  @Override
  protected AdapterFormat format() {
    return format;
  }

  private static TensorFile vectors(Shape shape, float... values) {
    return new TensorFile().put(MODULE + ".hra_u", DType.F32, shape, values);
  }

  @Override
  protected TensorFile module() {
    return vectors(Shape.of(4, 2), g(5, 2, 8));
  }

  @Override
  protected Shape shape() {
    return Shape.of(6, 4);
  }

  @Override
  protected Expected expected() {
    return new Expected(-1.16525629, -20.00846228, -0.03875725, 0.39903288, -0.12703095);
  }

  /** Without its only part it is no module. */
  @Override
  protected List<Part> required() {
    return List.of();
  }

  @Test
  void vectorsMayBeMadeOrthogonal() {
    Golden.assertSums(
        merged(module().metadata("lora_adapter_metadata", "{\"apply_GS\": true}"), shape(), 1),
        -0.38669672,
        -1.44996582,
        0.4375,
        0.25,
        0.0625);
  }

  @Test
  void vectorsThatAreNoneAreBroken() {
    problemOf(
        vectors(Shape.of(4), g(5, 2, 4)),
        problem -> assertThat(problem.map(Problem::what).orElse("none")).contains("no matrix"));
    problemOf(
        vectors(Shape.of(4, 0)),
        problem -> assertThat(problem.map(Problem::what).orElse("none")).contains("no matrix"));
  }

  @Test
  void vectorsOfANonNumericTypeAreBroken() {
    TensorFile integers =
        new TensorFile()
            .put(new TensorInfo(MODULE + ".hra_u", DType.I32, Shape.of(4, 2)), new byte[32]);
    problemOf(
        integers,
        problem -> assertThat(problem.map(Problem::what).orElse("none")).contains("has a type"));
  }

  @Test
  void aVectorWithoutDirectionIsRefused() {
    assertBadFile(vectors(Shape.of(4, 1), 0, 0, 0, 0), "is 0");
    assertBadFile(vectors(Shape.of(4, 1), 0, 0, Float.NaN, 0), "NaN");
  }

  private void assertBadFile(TensorFile file, String what) {
    assertThatThrownBy(() -> merged(file, shape(), 1))
        .isInstanceOf(AthanorException.class)
        .hasMessageContaining(what);
  }
}
