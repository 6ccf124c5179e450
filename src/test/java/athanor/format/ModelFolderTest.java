package athanor.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import athanor.error.AthanorException;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import athanor.testkit.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders of models in the layout of diffusers. */
class ModelFolderTest {
  @TempDir private Path folder;

  private Path part(String name) throws IOException {
    Path part = Files.createDirectories(folder.resolve(name));
    Files.writeString(part.resolve("config.json"), "{}");
    return part;
  }

  private static void weights(Path file, String key) {
    new TensorFile().put(key, DType.F32, Shape.of(2), 1, 2).write(file);
  }

  private static String onlyKey(Path path) {
    try (StateDict opened = StateDicts.open(path)) {
      return opened.tensors().stream().map(TensorInfo::key).reduce("", String::concat);
    }
  }

  @Test
  void theDenoiserOfAModelIsOpened() throws IOException {
    Files.writeString(folder.resolve("model_index.json"), "{}");
    weights(part("vae").resolve("diffusion_pytorch_model.safetensors"), "vae");
    weights(part("transformer").resolve("diffusion_pytorch_model.safetensors"), "transformer");

    assertThat(onlyKey(folder)).isEqualTo("transformer");
    assertThat(onlyKey(folder.resolve("transformer"))).isEqualTo("transformer");
  }

  @Test
  void theVersionWithoutAWordIsTakenFirst() throws IOException {
    Path unet = part("unet");
    weights(unet.resolve("diffusion_pytorch_model.fp16.safetensors"), "fp16");
    weights(unet.resolve("diffusion_pytorch_model.safetensors"), "float");

    assertThat(onlyKey(folder)).isEqualTo("float");
  }

  @Test
  void anIndexJoinsTheParts() throws IOException {
    Path transformer = part("transformer");
    weights(transformer.resolve("diffusion_pytorch_model-00001-of-00002.safetensors"), "a");
    weights(transformer.resolve("diffusion_pytorch_model-00002-of-00002.safetensors"), "b");
    Files.writeString(
        transformer.resolve("diffusion_pytorch_model.safetensors.index.json"),
        "{\"metadata\":{\"total_size\":16},\"weight_map\":{"
            + "\"a\":\"diffusion_pytorch_model-00001-of-00002.safetensors\","
            + "\"b\":\"diffusion_pytorch_model-00002-of-00002.safetensors\"}}");

    assertThat(onlyKey(folder)).isEqualTo("ab");
  }

  @Test
  void anyOtherFolderIsRefused() throws IOException {
    Files.createDirectories(folder.resolve("pictures"));

    AthanorException thrown =
        catchThrowableOfType(AthanorException.class, () -> StateDicts.open(folder));

    assertThat(thrown.problem().found().orElse("") + thrown.problem().what()).contains("folder");
  }
}
