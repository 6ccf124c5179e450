package athanor.adapter.format;

import static athanor.testkit.Golden.g;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.adapter.AdapterFile;
import athanor.adapter.AdapterFormatContract;
import athanor.error.AthanorException;
import athanor.safetensors.SafetensorsFile;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.testkit.Golden;
import athanor.testkit.TensorFile;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PeftSavedModuleTest extends AdapterFormatContract {
  private static final Shape LINEAR = Shape.of(6, 4);
  private static final String WEIGHT = MODULE + ".modules_to_save.weight";

  @TempDir private Path folder;

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

  /** What PEFT writes: the key of the module as it is in the model. */
  private static TensorFile plain(String module) {
    return new TensorFile()
        .put(module + ".weight", DType.F32, LINEAR, g(5, 2, 24))
        .put(module + ".bias", DType.F32, Shape.of(6), g(7, 3, 6))
        .put("unet.other.lora_A.weight", DType.F32, Shape.of(2, 4), g(5, 2, 8))
        .put("unet.other.lora_B.weight", DType.F32, Shape.of(6, 2), g(7, 3, 12));
  }

  private List<String> savedIn(TensorFile file) {
    Path path = file.write(folder.resolve("saved.safetensors"));
    try (StateDict source = SafetensorsFile.open(path)) {
      return AdapterFile.of(source).modules().stream()
          .filter(module -> module.formats().contains(format))
          .map(module -> module.name() + " " + module.tensors().size())
          .toList();
    }
  }

  @Test
  void plainNamesUnderTheRootOfPeftAreSavedModules() {
    assertThat(savedIn(plain("base_model.model.conv_in")))
        .containsExactly("base_model.model.conv_in 2");
    assertThat(savedIn(plain("base_model.model.to_q.base_layer"))).isEmpty();
    assertThat(savedIn(plain("base_model.model.conv_in.original_module"))).isEmpty();
  }

  @Test
  void plainNamesOfModulesThatTheConfigurationListsAreSavedModules() {
    String listed = "{\"unet.modules_to_save\": [\"conv_in\", \"x.norm\"]}";
    TensorFile file = plain("unet.conv_in").metadata("lora_adapter_metadata", listed);
    assertThat(savedIn(file)).containsExactly("unet.conv_in 2");
    assertThat(savedIn(plain("unet.y.norm").metadata("lora_adapter_metadata", listed))).isEmpty();
    assertThat(savedIn(plain("unet.conv_in"))).isEmpty();
  }

  @Test
  void biasesThatWereTrainedBesideThePairsTakeThePlaceOfTheirs() {
    TensorFile file =
        plain("unet.to_q").metadata("lora_adapter_metadata", "{\"unet.bias\": \"lora_only\"}");
    assertThat(savedIn(file)).containsExactly("unet.to_q 1");
    TensorFile none =
        plain("unet.to_q").metadata("lora_adapter_metadata", "{\"unet.bias\": \"none\"}");
    assertThat(savedIn(none)).isEmpty();
  }

  /** A checkpoint is full of such keys and no adapter. */
  @Test
  void plainNamesAloneMakeNoAdapter() {
    assertThat(
            savedIn(
                plain("base_model.model.conv_in")
                    .remove("unet.other.lora_A.weight")
                    .remove("unet.other.lora_B.weight")))
        .isEmpty();
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
