package athanor.job;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.recipe.LoraInput;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.testkit.Gen;
import athanor.testkit.Merging;
import athanor.testkit.TensorFile;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** LoRAs made for one of two models whose files are alike, merged into the other. */
class EditionWarningTest {
  @TempDir private Path folder;

  private Path zImage(String name) {
    Gen gen = Gen.fixed(1);
    return new TensorFile()
        .random("cap_embedder.1.weight", DType.BF16, Shape.of(3840, 2), 1, gen)
        .random("noise_refiner.0.attention.k_norm.weight", DType.BF16, Shape.of(2), 1, gen)
        .random("layers.0.feed_forward.w2.weight", DType.BF16, Shape.of(8, 3840), 1, gen)
        .write(folder.resolve(name));
  }

  private Path wan(String name) {
    Gen gen = Gen.fixed(1);
    return new TensorFile()
        .random("head.modulation", DType.BF16, Shape.of(1, 2, 5120), 1, gen)
        .random("blocks.0.self_attn.q.weight", DType.BF16, Shape.of(8, 5120), 1, gen)
        .write(folder.resolve(name));
  }

  private Path lora(String name, String module, int in, String version) {
    Gen gen = Gen.fixed(2);
    return new TensorFile()
        .random(module + ".lora_B.weight", DType.F32, Shape.of(8, 2), 1, gen)
        .random(module + ".lora_A.weight", DType.F32, Shape.of(2, in), 1, gen)
        .metadata("ss_base_model_version", version)
        .write(folder.resolve(name));
  }

  private static List<String> warnings(Path base, Path lora) {
    try (PreparedMerge merge = Merging.of(base, new LoraInput(lora, 1)).prepare()) {
      assertThat(merge.refusal()).isEmpty();
      return merge.warnings().stream().filter(text -> text.contains("made for")).toList();
    }
  }

  @Test
  void theSiblingIsNamed() {
    Path lora =
        lora("style.safetensors", "transformer.layers.0.feed_forward.w2", 3840, "z_image_turbo");

    assertThat(warnings(zImage("z_image_base.safetensors"), lora))
        .singleElement()
        .asString()
        .startsWith("style.safetensors: made for Z-Image Turbo")
        .contains("the base is Base");
    assertThat(warnings(zImage("z_image_turbo.safetensors"), lora)).isEmpty();
    assertThat(warnings(zImage("my_model.safetensors"), lora)).isEmpty();
  }

  @Test
  void aLoraForHighNoiseOnTheModelForLowNoiseIsNamed() {
    Path lora =
        lora(
            "dance_HighNoise.safetensors",
            "diffusion_model.blocks.0.self_attn.q",
            5120,
            "wan_2.2_14b");

    assertThat(warnings(wan("wan2.2_t2v_low_noise_14B_fp16.safetensors"), lora))
        .singleElement()
        .asString()
        .contains("made for Wan 2.x 14B high noise", "the base is low noise");
    assertThat(warnings(wan("wan2.2_t2v_high_noise_14B_fp16.safetensors"), lora)).isEmpty();
    assertThat(warnings(wan("wan2.1_t2v_14B_fp16.safetensors"), lora))
        .singleElement()
        .asString()
        .contains("made for Wan 2.x 14B 2.2", "the base is 2.1");
  }
}
