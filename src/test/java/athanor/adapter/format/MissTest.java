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
import athanor.tensor.TensorInfo;
import athanor.testkit.Golden;
import athanor.testkit.TensorFile;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The golden vectors for MiSS, computed in float64 with PEFT's own merge. */
class MissTest extends AdapterFormatContract {
  private final AdapterFormat format =
      AdapterFormats.ALL.stream().filter(Miss.class::isInstance).findFirst().orElseThrow();

  @Override
  protected AdapterFormat format() {
    return format;
  }

  private static TensorFile block(String end, Shape shape) {
    return new TensorFile()
        .put(MODULE + end, DType.F32, shape, g(5, 2, Math.toIntExact(shape.elementCount())));
  }

  @Override
  protected TensorFile module() {
    return block(".miss_block", Shape.of(2, 6));
  }

  @Override
  protected Shape shape() {
    return Shape.of(6, 4);
  }

  @Override
  protected Expected expected() {
    return new Expected(-1.9375, -22.75, -0.8125, 0.1875, -0.4375);
  }

  /** Without its only part it is no module. */
  @Override
  protected List<Part> required() {
    return List.of();
  }

  @Test
  void theLastPeriodMayBeCutShort() {
    float[] result = merged(block(".miss_block", Shape.of(3, 6)), Shape.of(6, 7), 1);
    Golden.assertSums(result, -1.875, -57.625, -0.8125, 0.1875, 0.125);
  }

  @Test
  void aNarrowBlockIsRepeatedOverTheOutputsToo() {
    TensorFile narrow =
        block(".miss_block", Shape.of(2, 3))
            .metadata("lora_adapter_metadata", "{\"mini_r\": 3, \"init_weights\": \"mini\"}");
    Golden.assertSums(merged(narrow, shape(), 1), -3.1875, -13.75, -0.8125, -0.75, -0.4375);
  }

  @Test
  void boneIsAnEarlierNameOfIt() {
    assertThat(merged(block(".bone_block.default", Shape.of(2, 6)), shape(), 1))
        .containsExactly(merged(module(), shape(), 1));
  }

  @Test
  void aBlockThatCoversNoWholeNumberOfOutputsDoesNotFit() {
    assertMisfit(Shape.of(2, 5));
    assertMisfit(Shape.of(5, 6));
  }

  private void assertMisfit(Shape block) {
    assertThatThrownBy(() -> merged(block(".miss_block", block), shape(), 1))
        .isInstanceOf(AthanorException.class)
        .hasMessageContaining("does not fit");
  }

  @Test
  void blocksThatAreMultipliedAreRefusedByName() {
    problemOf(
        block(".miss_block", Shape.of(3, 2, 2)),
        problem -> {
          assertThat(problem.map(Problem::kind)).hasValue(Kind.INCOMPATIBLE);
          assertThat(problem.map(Problem::what).orElse("none")).contains("Bat");
        });
  }

  @Test
  void aBlockThatIsNoMatrixOfNumbersIsBroken() {
    problemOf(
        block(".miss_block", Shape.of(6)),
        problem -> assertThat(problem.map(Problem::what).orElse("none")).contains("no matrix"));
    problemOf(
        new TensorFile()
            .put(new TensorInfo(MODULE + ".miss_block", DType.I32, Shape.of(2, 6)), new byte[48]),
        problem -> assertThat(problem.map(Problem::what).orElse("none")).contains("has a type"));
  }
}
