package athanor.adapter.format;

import static athanor.testkit.Golden.g;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.adapter.AdapterFormatContract;
import athanor.error.AthanorException;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.testkit.Golden;
import athanor.testkit.TensorFile;
import java.util.List;
import org.junit.jupiter.api.Test;

class PeftSavedModuleTest extends AdapterFormatContract {
  private static final Shape LINEAR = Shape.of(6, 4);
  private static final String WEIGHT = MODULE + ".modules_to_save.weight";

  private final AdapterFormat format =
      AdapterFormats.ALL.stream()
          .filter(PeftSavedModule.class::isInstance)
          .findFirst()
          .orElseThrow();

  @Override
  protected AdapterFormat format() {
    return format;
  }

  @Override
  protected TensorFile module() {
    return new TensorFile()
        .put(WEIGHT, DType.F32, LINEAR, g(5, 2, 24))
        .put(MODULE + ".modules_to_save.bias", DType.F32, Shape.of(6), g(7, 3, 6));
  }

  @Override
  protected Shape shape() {
    return LINEAR;
  }

  /** What was saved. */
  @Override
  protected Expected expected() {
    float[] saved = g(5, 2, 24);
    return new Expected(Golden.sum(saved), Golden.weightedSum(saved), saved[0], saved[1], saved[2]);
  }

  /** A weight or a bias alone is a module too. */
  @Override
  protected List<Part> required() {
    return List.of();
  }

  @Test
  void aSavedBiasTakesThePlaceOfTheBias() {
    assertThat(mergedBias(module(), LINEAR)).containsExactly(g(7, 3, 6));
    assertThat(mergedBias(module().remove(MODULE + ".modules_to_save.bias"), LINEAR))
        .containsExactly(g(2, 5, 6));
  }

  @Test
  void theNameOfTheAdapterMayStandBetween() {
    TensorFile file =
        new TensorFile()
            .put(MODULE + ".modules_to_save.default.weight", DType.F32, LINEAR, g(5, 2, 24));
    assertThat(merged(file, LINEAR, 1)).containsExactly(g(5, 2, 24));
  }

  @Test
  void aBiasOfAnotherSizeDoesNotFit() {
    TensorFile file =
        module().put(MODULE + ".modules_to_save.bias", DType.F32, Shape.of(5), g(7, 3, 5));
    assertThatThrownBy(() -> merged(file, LINEAR, 1))
        .isInstanceOf(AthanorException.class)
        .hasMessageContaining("does not fit");
  }

  @Test
  void aWeightThatIsNotFiniteIsRefused() {
    float[] values = g(5, 2, 24);
    values[23] = Float.NaN;
    assertThatThrownBy(() -> merged(module().put(WEIGHT, DType.F32, LINEAR, values), LINEAR, 1))
        .isInstanceOf(AthanorException.class)
        .hasMessageContaining("NaN or infinite");
  }
}
