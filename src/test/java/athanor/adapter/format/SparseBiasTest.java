package athanor.adapter.format;

import static athanor.testkit.Golden.g;
import static org.assertj.core.api.Assertions.assertThat;

import athanor.adapter.AdapterFormatContract;
import athanor.error.Problem;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import athanor.testkit.TensorFile;
import java.util.List;
import org.junit.jupiter.api.Test;

class SparseBiasTest extends AdapterFormatContract {
  private final AdapterFormat format =
      AdapterFormats.ALL.stream().filter(SparseBias.class::isInstance).findFirst().orElseThrow();

  @Override
  protected AdapterFormat format() {
    return format;
  }

  /** 0.5 at row 0, column 1, and −1 at row 5, column 3. */
  private static TensorFile sparse() {
    byte[] places = {0, 0, 5, 0, 1, 0, 3, 0};
    byte[] sides = {6, 0, 4, 0};
    return new TensorFile()
        .put(new TensorInfo(MODULE + ".bias_indices", DType.I16, Shape.of(2, 2)), places)
        .put(MODULE + ".bias_values", DType.F16, Shape.of(2), 0.5f, -1f)
        .put(new TensorInfo(MODULE + ".bias_size", DType.I16, Shape.of(2)), sides);
  }

  @Override
  protected TensorFile module() {
    return sparse()
        .put(MODULE + ".lora_up.weight", DType.F32, Shape.of(6, 2), g(5, 2, 12))
        .put(MODULE + ".lora_down.weight", DType.F32, Shape.of(2, 4), g(7, 3, 8))
        .put(MODULE + ".alpha", DType.F32, Shape.of(), 1f);
  }

  @Override
  protected Shape shape() {
    return Shape.of(6, 4);
  }

  /** The golden W and pair, and half of each value for alpha 1 of rank 2. */
  @Override
  protected Expected expected() {
    return new Expected(
        -0.1875 + 0.15234375 + 0.25 - 0.5,
        4.5 + 2.29296875 + 0.25 * 2 - 0.5 * 24,
        -0.4375 + 0.046875,
        -0.25 - 0.015625 + 0.25,
        -0.0625 + 0.087890625);
  }

  @Override
  protected List<Part> required() {
    return List.of(SparseBias.VALUES);
  }

  @Test
  void valuesAloneHaveNoScale() {
    float[] before = g(3, 1, 24);
    before[1] += 0.5f;
    before[23] -= 1f;
    assertThat(merged(sparse(), shape(), 1)).containsExactly(before);
  }

  @Test
  void placesThatDoNotBelongToTheValuesAreBroken() {
    assertProblem(sparse().remove(MODULE + ".bias_indices"), "missing");
    assertProblem(
        sparse().put(MODULE + ".bias_values", DType.F16, Shape.of(3), 1, 2, 3),
        "do not belong together");
    assertProblem(
        sparse()
            .put(
                new TensorInfo(MODULE + ".bias_indices", DType.I16, Shape.of(4)),
                new byte[] {0, 0, 5, 0, 1, 0, 3, 0}),
        "do not belong together");
    assertProblem(
        sparse().put(MODULE + ".bias_indices", DType.F16, Shape.of(2, 2), 0, 5, 1, 3),
        "no whole numbers");
  }

  private void assertProblem(TensorFile file, String what) {
    problemOf(
        file, problem -> assertThat(problem.map(Problem::what).orElse("none")).contains(what));
  }
}
