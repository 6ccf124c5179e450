package athanor.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import athanor.recipe.LoraInput;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.testkit.Gen;
import athanor.testkit.Merging;
import athanor.testkit.TensorFile;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models of which only the keys are known. */
class MatchedByNameTest {
  private static final String PREFIX = "model.diffusion_model.";

  @TempDir private Path folder;

  private Path base() {
    Gen gen = Gen.fixed(1);
    return new TensorFile()
        .random(PREFIX + "strange_layers.0.to_q.weight", DType.F32, Shape.of(6, 4), 1, gen)
        .random(PREFIX + "strange_layers.0.to_q.bias", DType.F32, Shape.of(6), 1, gen)
        .random(PREFIX + "strange_layers.1.mix_in.weight", DType.F32, Shape.of(8, 4), 1, gen)
        .random("vae.decoder.odd.weight", DType.F32, Shape.of(4, 4), 1, gen)
        .write(folder.resolve("strange.safetensors"));
  }

  private Path lora(Map<String, Integer> modules) {
    var file = new TensorFile();
    modules.forEach((module, rows) -> {
      Gen gen = Gen.fixed(module.hashCode());
      file.random(module + ".lora_up.weight", DType.F32, Shape.of(rows, 2), 1, gen);
      file.random(module + ".lora_down.weight", DType.F32, Shape.of(2, 4), 1, gen);
    });
    return file.write(folder.resolve("lora.safetensors"));
  }

  @Test
  void aLoraWhoseModulesAreAllThereIsMergedWithAWarning() {
    Path base = base();
    Path lora =
        lora(
            Map.of(
                "lora_unet_strange_layers_0_to_q",
                6,
                "diffusion_model.strange_layers.1.mix_in",
                8));
    Path output = folder.resolve("out.safetensors");

    Merging.of(base, new LoraInput(lora, 0.5)).into(output);

    try (PreparedMerge merge = Merging.of(base, new LoraInput(lora, 0.5)).prepare()) {
      assertThat(merge.warnings())
          .anyMatch(warning -> warning.startsWith("unknown architecture, matched by name"));
    }
    String key = PREFIX + "strange_layers.1.mix_in.weight";
    float[] expected = TensorFile.floats(base, key);
    float[] up = TensorFile.floats(lora, "diffusion_model.strange_layers.1.mix_in.lora_up.weight");
    float[] down =
        TensorFile.floats(lora, "diffusion_model.strange_layers.1.mix_in.lora_down.weight");
    for (int row = 0; row < 8; row++) {
      for (int column = 0; column < 4; column++) {
        double sum = 0;
        for (int r = 0; r < 2; r++) {
          sum += (double) up[row * 2 + r] * down[r * 4 + column];
        }
        expected[row * 4 + column] += (float) (0.5 * sum);
      }
    }
    assertThat(TensorFile.floats(output, key)).containsExactly(expected, within(1e-6f));
    assertThat(TensorFile.allBytes(output).get("vae.decoder.odd.weight"))
        .isEqualTo(TensorFile.allBytes(base).get("vae.decoder.odd.weight"));
  }

  @Test
  void oneModuleThatIsNotThereRefusesTheBase() {
    Path lora =
        lora(Map.of("lora_unet_strange_layers_0_to_q", 6, "lora_unet_strange_layers_2_to_q", 6));

    assertThat(
            Merging.of(base(), new LoraInput(lora, 1))
                .failureInto(folder.resolve("out.safetensors"))
                .what())
        .isEqualTo("the base is of an unknown architecture");
    assertThat(folder.resolve("out.safetensors")).doesNotExist();
  }

  @Test
  void oneShapeThatDoesNotFitRefusesTheBase() {
    Path lora = lora(Map.of("lora_unet_strange_layers_0_to_q", 7));

    assertThat(
            Merging.of(base(), new LoraInput(lora, 1))
                .failureInto(folder.resolve("out.safetensors"))
                .what())
        .isEqualTo("the base is of an unknown architecture");
  }
}
