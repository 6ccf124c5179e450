package athanor.adapter.format;

import static athanor.testkit.Golden.g;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.adapter.AdapterFormatContract;
import athanor.delta.Transposed;
import athanor.error.AthanorException;
import athanor.error.Problem;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.testkit.TensorFile;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The golden vector for LoRA, its factors turned over as PEFT stores those of embeddings. */
class EmbeddingLoraTest extends AdapterFormatContract {
  private static final Shape WORDS = Shape.of(6, 4);

  private final AdapterFormat format =
      AdapterFormats.ALL.stream().filter(EmbeddingLora.class::isInstance).findFirst().orElseThrow();

  @Override
  protected AdapterFormat format() {
    return format;
  }

  private static TensorFile pair(String end) {
    return new TensorFile()
        .put(
            MODULE + ".lora_embedding_A" + end,
            DType.F32,
            Shape.of(2, 6),
            Transposed.of(g(5, 2, 12), 6, 2))
        .put(
            MODULE + ".lora_embedding_B" + end,
            DType.F32,
            Shape.of(4, 2),
            Transposed.of(g(7, 3, 8), 2, 4));
  }

  private static TensorFile configured(TensorFile file, String json) {
    return file.metadata("lora_adapter_metadata", json);
  }

  @Override
  protected TensorFile module() {
    return configured(pair(""), "{\"lora_alpha\": 0.5}");
  }

  @Override
  protected Shape shape() {
    return WORDS;
  }

  /** W + 0.5 · ΔW of alpha 1. */
  @Override
  protected Expected expected() {
    return new Expected(-0.11132812, 5.64648438, -0.4140625, -0.2578125, -0.01855469);
  }

  @Override
  protected List<Part> required() {
    return List.of(EmbeddingLora.A, EmbeddingLora.B);
  }

  @Test
  void theNameOfTheAdapterMayStandBehind() {
    assertThat(merged(configured(pair(".default"), "{\"lora_alpha\": 0.5}"), WORDS, 1))
        .containsExactly(merged(module(), WORDS, 1));
  }

  @Test
  void factorsThatDoNotMeetAreBroken() {
    for (Shape shape : List.of(Shape.of(3, 6), Shape.of(0, 6), Shape.of(12), Shape.of(2, 6, 1))) {
      float[] values = g(1, 1, (int) shape.elementCount());
      TensorFile file = pair("").put(MODULE + ".lora_embedding_A", DType.F32, shape, values);
      problemOf(
          file,
          problem ->
              assertThat(problem.map(Problem::what).orElse("none"))
                  .contains("do not meet in one rank"));
    }
  }

  @Test
  void aFactorThatIsNotFiniteIsRefused() {
    float[] values = g(1, 1, 12);
    values[11] = Float.POSITIVE_INFINITY;
    TensorFile file = pair("").put(MODULE + ".lora_embedding_A", DType.F32, Shape.of(2, 6), values);
    assertThatThrownBy(() -> merged(file, WORDS, 1))
        .isInstanceOf(AthanorException.class)
        .hasMessageContaining("NaN or infinite");
  }
}
