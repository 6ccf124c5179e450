package athanor.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import athanor.recipe.LoraInput;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.testkit.Gen;
import athanor.testkit.Known;
import athanor.testkit.Merging;
import athanor.testkit.TensorFile;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A LoRA of kohya's trainer merged into the UNet of a diffusers folder. */
class DiffusersUnetMergeTest {
  private static final String KEY =
      "down_blocks.0.attentions.0.transformer_blocks.0.attn2.to_k.weight";
  private static final String MODULE =
      "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k";

  @TempDir private Path folder;

  @Test
  void theResultHasTheKeysOfTheFile() {
    Gen gen = Gen.fixed(1);
    Path base =
        new TensorFile()
            .random("conv_in.weight", DType.F32, Shape.of(320, 4, 3, 3), 1, gen)
            .random(
                "down_blocks.0.resnets.0.conv1.weight", DType.F32, Shape.of(320, 320, 3, 3), 1, gen)
            .random(KEY, DType.F32, Shape.of(320, 768), 1, gen)
            .write(folder.resolve("diffusion_pytorch_model.safetensors"));
    Path lora =
        new TensorFile()
            .random(MODULE + ".lora_up.weight", DType.F32, Shape.of(320, 1), 1, gen)
            .random(MODULE + ".lora_down.weight", DType.F32, Shape.of(1, 768), 1, gen)
            .write(folder.resolve("lora.safetensors"));
    Path output = folder.resolve("out.safetensors");

    try (PreparedMerge merge = Merging.of(base, new LoraInput(lora, 0.5)).prepare()) {
      assertThat(merge.architecture()).isEqualTo(Known.SD1);
    }
    Merging.of(base, new LoraInput(lora, 0.5)).into(output);

    float[] expected = TensorFile.floats(base, KEY);
    float[] up = TensorFile.floats(lora, MODULE + ".lora_up.weight");
    float[] down = TensorFile.floats(lora, MODULE + ".lora_down.weight");
    for (int i = 0; i < expected.length; i++) {
      expected[i] += (float) (0.5 * up[i / 768] * down[i % 768]);
    }
    assertThat(TensorFile.floats(output, KEY)).containsExactly(expected, within(1e-5f));
    assertThat(TensorFile.allBytes(output).keySet()).isEqualTo(TensorFile.allBytes(base).keySet());
  }
}
