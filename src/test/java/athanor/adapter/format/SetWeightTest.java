package athanor.adapter.format;

import static athanor.testkit.Golden.g;
import static org.assertj.core.api.Assertions.assertThat;

import athanor.adapter.AdapterFile;
import athanor.safetensors.SafetensorsFile;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.testkit.TensorFile;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SetWeightTest {
  private static final String NORM = "double_blocks.0.img_attn.norm.key_norm";

  @TempDir private Path folder;

  private List<String> recognised(TensorFile file) {
    try (StateDict source =
        SafetensorsFile.open(file.write(folder.resolve("control.safetensors")))) {
      return AdapterFile.of(source).recognisedOnly().stream().map(AdapterFormat::label).toList();
    }
  }

  private static TensorFile pair(String module) {
    return new TensorFile()
        .put(module + ".lora_A.weight", DType.F32, Shape.of(2, 4), g(5, 2, 8))
        .put(module + ".lora_B.weight", DType.F32, Shape.of(6, 2), g(7, 3, 12));
  }

  /** As Black Forest Labs publish them, the norms are stored whole beside pairs. */
  @Test
  void normsBesidePairsMakeAControlLora() {
    assertThat(recognised(pair("img_in").put(NORM + ".scale", DType.F32, Shape.of(4), g(5, 2, 4))))
        .containsExactly("control LoRA that enlarges the model");
    assertThat(
            recognised(
                pair("img_in").put("img_in.reshape_weight", DType.F32, Shape.of(2), g(5, 2, 2))))
        .containsExactly("control LoRA that enlarges the model");
  }

  @Test
  void aScaleOfAPairIsNone() {
    assertThat(recognised(pair(NORM).put(NORM + ".scale", DType.F32, Shape.of(), 1f))).isEmpty();
    assertThat(recognised(pair("img_in").put("txt_in.scale", DType.F32, Shape.of(), 1f))).isEmpty();
  }

  @Test
  void normsWithoutPairsAreACheckpoint() {
    TensorFile norms = new TensorFile().put(NORM + ".scale", DType.F32, Shape.of(4), g(5, 2, 4));
    assertThat(recognised(norms)).isEmpty();
  }
}
