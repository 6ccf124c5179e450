package athanor.adapter.format;

import static athanor.testkit.Golden.g;
import static org.assertj.core.api.Assertions.assertThat;

import athanor.adapter.AdapterFile;
import athanor.adapter.AdapterFormatContract;
import athanor.error.Kind;
import athanor.error.Problem;
import athanor.safetensors.SafetensorsFile;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.testkit.TensorFile;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The golden vectors for VeRA, computed in float64 with PEFT's own merge. */
class VeraTest extends AdapterFormatContract {
  private static final String A = "base_model.vera_A";
  private static final String B = "base_model.vera_B";

  @TempDir private Path folder;

  private final AdapterFormat format =
      AdapterFormats.ALL.stream().filter(Vera.class::isInstance).findFirst().orElseThrow();

  @Override
  protected AdapterFormat format() {
    return format;
  }

  private static TensorFile factors() {
    return new TensorFile()
        .put(MODULE + ".vera_lambda_b", DType.F32, Shape.of(6), g(5, 2, 6))
        .put(MODULE + ".vera_lambda_d", DType.F32, Shape.of(2), g(7, 3, 2));
  }

  @Override
  protected TensorFile module() {
    return factors()
        .put(A, DType.F32, Shape.of(2, 4), g(3, 5, 8))
        .put(B, DType.F32, Shape.of(6, 2), g(9, 6, 12));
  }

  @Override
  protected Shape shape() {
    return Shape.of(6, 4);
  }

  @Override
  protected Expected expected() {
    return new Expected(-0.18209839, 4.32901001, -0.42449951, -0.24359131, -0.06268311);
  }

  @Override
  protected List<Part> required() {
    return List.of(Vera.OUTER, Vera.INNER);
  }

  /** The matrices are those of all modules, so they are of none. */
  @Override
  @Test
  public void keepsEveryTensorOfTheModule() {
    Path path = module().write(folder.resolve("vera.safetensors"));
    try (StateDict source = SafetensorsFile.open(path)) {
      AdapterFile file = AdapterFile.of(source);
      assertThat(file.otherKeys()).containsExactly(A, B);
      assertThat(file.modules().getFirst().tensors()).hasSize(2);
    }
  }

  /** A layer that is smaller than the largest takes the first rows and columns. */
  @Test
  void aLayerTakesTheBeginningOfTheSharedMatrices() {
    float[] a = g(3, 5, 8);
    float[] b = g(9, 6, 12);
    float[] widerA = {a[0], a[1], a[2], a[3], 9, a[4], a[5], a[6], a[7], 9, 9, 9, 9, 9, 9};
    float[] widerB = new float[8 * 3];
    for (int row = 0; row < 8; row++) {
      for (int column = 0; column < 3; column++) {
        widerB[row * 3 + column] = row < 6 && column < 2 ? b[row * 2 + column] : 9;
      }
    }
    TensorFile larger =
        factors()
            .put(A + ".default", DType.F32, Shape.of(3, 5), widerA)
            .put(B + ".default", DType.F32, Shape.of(8, 3), widerB);
    assertThat(merged(larger, shape(), 1)).containsExactly(merged(module(), shape(), 1));
  }

  @Test
  void withoutTheMatricesItIsRefusedAndSaysHowToHaveThem() {
    problemOf(
        factors(),
        problem -> {
          assertThat(problem.map(Problem::kind)).hasValue(Kind.INCOMPATIBLE);
          assertThat(problem.flatMap(Problem::help).orElse("none"))
              .contains("save_projection=True");
        });
  }

  @Test
  void matricesThatAreTooSmallAreBroken() {
    problemOf(
        factors()
            .put(A, DType.F32, Shape.of(1, 4), g(3, 5, 4))
            .put(B, DType.F32, Shape.of(6, 1), g(9, 6, 6)),
        problem -> assertThat(problem.map(Problem::what).orElse("none")).contains("smaller than"));
  }
}
