package athanor.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import athanor.error.AthanorException;
import athanor.file.OutputTarget;
import athanor.kernel.Kernels;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.testkit.Gen;
import athanor.testkit.TensorFile;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints of transformers from one layout to another and back. */
class LayoutConversionTest {
  private static final int HIDDEN = 3072;
  private static final int WIDTH = 4;
  private static final String PREFIX = "model.diffusion_model.";

  @TempDir private Path folder;

  private Path flux() {
    Gen gen = Gen.fixed(1);
    return new TensorFile()
        .random(PREFIX + "img_in.weight", DType.BF16, Shape.of(HIDDEN, 64), 1, gen)
        .random(
            PREFIX + "double_blocks.0.img_attn.norm.key_norm.scale",
            DType.BF16,
            Shape.of(8),
            1,
            gen)
        .random(
            PREFIX + "double_blocks.0.img_attn.qkv.weight",
            DType.BF16,
            Shape.of(3 * HIDDEN, WIDTH),
            1,
            gen)
        .random(
            PREFIX + "double_blocks.0.img_attn.qkv.bias", DType.F32, Shape.of(3 * HIDDEN), 1, gen)
        .random(
            PREFIX + "single_blocks.0.linear1.weight",
            DType.BF16,
            Shape.of(7 * HIDDEN, WIDTH),
            1,
            gen)
        .random(
            PREFIX + "final_layer.adaLN_modulation.1.weight",
            DType.BF16,
            Shape.of(2 * HIDDEN, WIDTH),
            1,
            gen)
        .random("vae.decoder.conv_in.weight", DType.F16, Shape.of(2, 2, 3, 3), 1, gen)
        .write(folder.resolve("flux.safetensors"));
  }

  private Path converted(Path file, String layout, String name) {
    Path output = folder.resolve(name);
    var options =
        new ConvertOptions(
            Optional.empty(),
            Optional.empty(),
            false,
            true,
            false,
            Optional.empty(),
            Optional.of(layout));
    new ConvertRun(Kernels.create(), 2, Progress.NONE, new Cancellation())
        .run(file, options, OutputTarget.of(output, false));
    return output;
  }

  @Test
  void fusedModulesAreCutAndHalvesExchanged() {
    Path file = flux();

    Path diffusers = converted(file, "diffusers", "diffusers.safetensors");

    float[] qkv = TensorFile.floats(file, PREFIX + "double_blocks.0.img_attn.qkv.weight");
    float[] bias = TensorFile.floats(file, PREFIX + "double_blocks.0.img_attn.qkv.bias");
    float[] halves = TensorFile.floats(file, PREFIX + "final_layer.adaLN_modulation.1.weight");
    int third = HIDDEN * WIDTH;
    String attention = PREFIX + "transformer_blocks.0.attn.";
    assertThat(TensorFile.floats(diffusers, attention + "to_k.weight"))
        .isEqualTo(Arrays.copyOfRange(qkv, third, 2 * third));
    assertThat(TensorFile.floats(diffusers, attention + "to_v.bias"))
        .isEqualTo(Arrays.copyOfRange(bias, 2 * HIDDEN, 3 * HIDDEN));
    assertThat(
            Arrays.copyOf(TensorFile.floats(diffusers, PREFIX + "norm_out.linear.weight"), third))
        .isEqualTo(Arrays.copyOfRange(halves, third, 2 * third));
    assertThat(TensorFile.allBytes(diffusers).keySet())
        .containsExactlyInAnyOrder(
            PREFIX + "x_embedder.weight",
            attention + "norm_k.weight",
            attention + "to_q.weight",
            attention + "to_k.weight",
            attention + "to_v.weight",
            attention + "to_q.bias",
            attention + "to_k.bias",
            attention + "to_v.bias",
            PREFIX + "single_transformer_blocks.0.attn.to_q.weight",
            PREFIX + "single_transformer_blocks.0.attn.to_k.weight",
            PREFIX + "single_transformer_blocks.0.attn.to_v.weight",
            PREFIX + "single_transformer_blocks.0.proj_mlp.weight",
            PREFIX + "norm_out.linear.weight",
            "vae.decoder.conv_in.weight");
  }

  @Test
  void thereAndBackAgainIsTheSame() {
    Path file = flux();
    Path there = converted(file, "diffusers", "there.safetensors");

    Path back = converted(there, "original", "back.safetensors");

    Map<String, byte[]> before = TensorFile.allBytes(file);
    Map<String, byte[]> after = TensorFile.allBytes(back);
    assertThat(after.keySet()).isEqualTo(before.keySet());
    before.forEach((key, bytes) -> assertThat(after.get(key)).as(key).isEqualTo(bytes));
  }

  @Test
  void aLayoutThatTheArchitectureDoesNotHaveIsRefused() {
    Path file = flux();

    AthanorException thrown =
        catchThrowableOfType(
            AthanorException.class, () -> converted(file, "comfyui", "out.safetensors"));

    assertThat(thrown.problem().what()).isEqualTo("this file cannot be put into that layout");
    assertThat(thrown.problem().expected()).contains("original or diffusers");
    assertThat(folder.resolve("out.safetensors")).doesNotExist();
  }

  @Test
  void partsOfDifferentTypesAreNotFused() {
    Gen gen = Gen.fixed(2);
    String attention = "transformer_blocks.0.attn.";
    Path file =
        new TensorFile()
            .random("x_embedder.weight", DType.BF16, Shape.of(HIDDEN, 64), 1, gen)
            .random(
                "single_transformer_blocks.0.attn.to_q.weight",
                DType.BF16,
                Shape.of(HIDDEN, WIDTH),
                1,
                gen)
            .random(
                "single_transformer_blocks.0.attn.to_k.weight",
                DType.F32,
                Shape.of(HIDDEN, WIDTH),
                1,
                gen)
            .random(
                "single_transformer_blocks.0.attn.to_v.weight",
                DType.BF16,
                Shape.of(HIDDEN, WIDTH),
                1,
                gen)
            .random(
                "single_transformer_blocks.0.proj_mlp.weight",
                DType.BF16,
                Shape.of(4 * HIDDEN, WIDTH),
                1,
                gen)
            .random(attention + "norm_k.weight", DType.BF16, Shape.of(8), 1, gen)
            .write(folder.resolve("mixed.safetensors"));

    AthanorException thrown =
        catchThrowableOfType(
            AthanorException.class, () -> converted(file, "original", "out.safetensors"));

    assertThat(thrown.problem().what())
        .isEqualTo("the parts of a fused module are stored in different types");
  }
}
