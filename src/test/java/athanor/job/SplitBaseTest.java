package athanor.job;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.error.Problem;
import athanor.recipe.LoraInput;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.testkit.Gen;
import athanor.testkit.Merging;
import athanor.testkit.TensorFile;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same FLUX.1 in two layouts, with the same LoRA: what is fused in one and split in the other
 * comes out with the same bits.
 */
class SplitBaseTest {
  private static final int WIDTH = 16;
  private static final int HIDDEN = 3072;
  private static final String QKV = "double_blocks.0.img_attn.qkv";
  private static final String LINEAR = "single_blocks.0.linear1";
  private static final String MODULATION = "final_layer.adaLN_modulation.1";

  @TempDir private Path folder;

  private final float[] qkv = Gen.fixed(1).gaussians(3 * HIDDEN * WIDTH, 1);
  private final float[] bias = Gen.fixed(2).gaussians(3 * HIDDEN, 1);
  private final float[] linear = Gen.fixed(3).gaussians(7 * HIDDEN * WIDTH, 1);
  private final float[] modulation = Gen.fixed(4).gaussians(2 * HIDDEN * WIDTH, 1);

  private Path original() {
    return new TensorFile()
        .random("img_in.weight", DType.BF16, Shape.of(HIDDEN, 64), 1, Gen.fixed(5))
        .put("double_blocks.0.img_attn.norm.key_norm.scale", DType.BF16, Shape.of(2), 1, 1)
        .put(QKV + ".weight", DType.BF16, Shape.of(3 * HIDDEN, WIDTH), qkv)
        .put(QKV + ".bias", DType.BF16, Shape.of(3 * HIDDEN), bias)
        .put(LINEAR + ".weight", DType.BF16, Shape.of(7 * HIDDEN, WIDTH), linear)
        .put(MODULATION + ".weight", DType.BF16, Shape.of(2 * HIDDEN, WIDTH), modulation)
        .write(folder.resolve("original.safetensors"));
  }

  private Path diffusers() {
    var file =
        new TensorFile()
            .random("x_embedder.weight", DType.BF16, Shape.of(HIDDEN, 64), 1, Gen.fixed(5))
            .put("transformer_blocks.0.attn.norm_k.weight", DType.BF16, Shape.of(2), 1, 1);
    String attention = "transformer_blocks.0.attn.";
    put(file, attention + "to_q.weight", qkv, WIDTH, 0, 1);
    put(file, attention + "to_k.weight", qkv, WIDTH, 1, 2);
    put(file, attention + "to_v.weight", qkv, WIDTH, 2, 3);
    put(file, attention + "to_q.bias", bias, 1, 0, 1);
    put(file, attention + "to_k.bias", bias, 1, 1, 2);
    put(file, attention + "to_v.bias", bias, 1, 2, 3);
    String single = "single_transformer_blocks.0.";
    put(file, single + "attn.to_q.weight", linear, WIDTH, 0, 1);
    put(file, single + "attn.to_k.weight", linear, WIDTH, 1, 2);
    put(file, single + "attn.to_v.weight", linear, WIDTH, 2, 3);
    put(file, single + "proj_mlp.weight", linear, WIDTH, 3, 7);
    return file.put(
            "norm_out.linear.weight",
            DType.BF16,
            Shape.of(2 * HIDDEN, WIDTH),
            joined(part(modulation, WIDTH, 1, 2), part(modulation, WIDTH, 0, 1)))
        .write(folder.resolve("diffusers.safetensors"));
  }

  private static void put(
      TensorFile file, String key, float[] values, int width, int from, int to) {
    Shape shape =
        width == 1 ? Shape.of((to - from) * HIDDEN) : Shape.of((to - from) * HIDDEN, width);
    file.put(key, DType.BF16, shape, part(values, width, from, to));
  }

  private static float[] part(float[] values, int width, int from, int to) {
    return Arrays.copyOfRange(values, from * HIDDEN * width, to * HIDDEN * width);
  }

  private static float[] joined(float[] one, float[] other) {
    float[] both = Arrays.copyOf(one, one.length + other.length);
    System.arraycopy(other, 0, both, one.length, other.length);
    return both;
  }

  private Path lora(Consumer<TensorFile> tensors) {
    var file = new TensorFile();
    tensors.accept(file);
    return file.write(folder.resolve("lora.safetensors"));
  }

  private Path merged(Path base, Path lora) {
    Path output = folder.resolve("out-" + base.getFileName());
    Merging.of(base, new LoraInput(lora, 0.7)).overwriting().into(output);
    return output;
  }

  /** Merges into both, and compares every number. */
  private void assertSameInBoth(Path lora) {
    Path original = original();
    Path fused = merged(original, lora);
    Path split = merged(diffusers(), lora);

    float[] merged = TensorFile.floats(fused, QKV + ".weight");
    float[] single = TensorFile.floats(fused, LINEAR + ".weight");
    float[] halves = TensorFile.floats(fused, MODULATION + ".weight");
    String attention = "transformer_blocks.0.attn.";
    String one = "single_transformer_blocks.0.";
    assertThat(TensorFile.floats(split, attention + "to_q.weight"))
        .isEqualTo(part(merged, WIDTH, 0, 1));
    assertThat(TensorFile.floats(split, attention + "to_k.weight"))
        .isEqualTo(part(merged, WIDTH, 1, 2));
    assertThat(TensorFile.floats(split, attention + "to_v.weight"))
        .isEqualTo(part(merged, WIDTH, 2, 3));
    assertThat(TensorFile.floats(split, attention + "to_v.bias"))
        .isEqualTo(part(TensorFile.floats(fused, QKV + ".bias"), 1, 2, 3));
    assertThat(TensorFile.floats(split, one + "attn.to_v.weight"))
        .isEqualTo(part(single, WIDTH, 2, 3));
    assertThat(TensorFile.floats(split, one + "proj_mlp.weight"))
        .isEqualTo(part(single, WIDTH, 3, 7));
    assertThat(TensorFile.floats(split, "norm_out.linear.weight"))
        .isEqualTo(joined(part(halves, WIDTH, 1, 2), part(halves, WIDTH, 0, 1)));
    assertThat(TensorFile.allBytes(fused)).isNotEqualTo(TensorFile.allBytes(original));
  }

  private static void pair(TensorFile file, String module, int rows, int rank) {
    Gen gen = Gen.fixed(module.hashCode());
    file.random(module + ".lora_up.weight", DType.F32, Shape.of(rows, rank), 1, gen);
    file.random(module + ".lora_down.weight", DType.F32, Shape.of(rank, WIDTH), 1, gen);
    file.put(module + ".alpha", DType.F32, Shape.of(), 1.5f);
  }

  @Test
  void lowRankPairsOfFusedModules() {
    assertSameInBoth(
        lora(file -> {
          pair(file, "lora_unet_double_blocks_0_img_attn_qkv", 3 * HIDDEN, 3);
          pair(file, "lora_unet_single_blocks_0_linear1", 7 * HIDDEN, 2);
          pair(file, "lora_unet_final_layer_adaLN_modulation_1", 2 * HIDDEN, 2);
        }));
  }

  @Test
  void lowRankPairsOfSplitModules() {
    assertSameInBoth(
        lora(file -> {
          pair(file, "lora_transformer_transformer_blocks_0_attn_to_q", HIDDEN, 3);
          pair(file, "lora_transformer_transformer_blocks_0_attn_to_v", HIDDEN, 2);
          pair(file, "lora_transformer_single_transformer_blocks_0_proj_mlp", 4 * HIDDEN, 2);
          pair(file, "lora_transformer_norm_out_linear", 2 * HIDDEN, 2);
        }));
  }

  @Test
  void kroneckerProductsOfFusedModules() {
    assertSameInBoth(
        lora(file -> {
          Gen gen = Gen.fixed(9);
          String module = "lycoris_double_blocks_0_img_attn_qkv";
          file.random(module + ".lokr_w1", DType.F32, Shape.of(4, 4), 1, gen);
          file.random(module + ".lokr_w2", DType.F32, Shape.of(3 * HIDDEN / 4, 4), 1, gen);
          file.put(module + ".alpha", DType.F32, Shape.of(), 1);
        }));
  }

  @Test
  void hadamardProductsAndBiasesOfFusedModules() {
    assertSameInBoth(
        lora(file -> {
          Gen gen = Gen.fixed(10);
          String module = "lora_unet_double_blocks_0_img_attn_qkv";
          for (String factor : new String[] {"hada_w1", "hada_w2"}) {
            file.random(module + "." + factor + "_a", DType.F32, Shape.of(3 * HIDDEN, 2), 1, gen);
            file.random(module + "." + factor + "_b", DType.F32, Shape.of(2, WIDTH), 1, gen);
          }
          file.random(module + ".diff_b", DType.F32, Shape.of(3 * HIDDEN), 1, gen);
        }));
  }

  @Test
  void newLengthsOfTheRowsOfFusedModules() {
    assertSameInBoth(
        lora(file -> {
          String module = "lora_unet_double_blocks_0_img_attn_qkv";
          pair(file, module, 3 * HIDDEN, 2);
          float[] lengths = Gen.fixed(11).gaussians(3 * HIDDEN, 1);
          file.put(module + ".dora_scale", DType.F32, Shape.of(3 * HIDDEN, 1), lengths);
        }));
  }

  @Test
  void whatNeedsAllRowsIsRefused() {
    Path lora =
        lora(file -> {
          String module = "lora_unet_double_blocks_0_img_attn_qkv";
          pair(file, module, 3 * HIDDEN, 2);
          float[] lengths = Gen.fixed(11).gaussians(WIDTH, 1);
          file.put(module + ".dora_scale", DType.F32, Shape.of(1, WIDTH), lengths);
        });

    Problem problem =
        Merging.of(diffusers(), new LoraInput(lora, 1))
            .failureInto(folder.resolve("out.safetensors"));

    assertThat(problem.what())
        .isEqualTo("a module that the base holds in several tensors needs them as one");
    assertThat(problem.found().orElseThrow()).contains("to_q.weight + ", "to_k.weight");
    assertThat(folder.resolve("out.safetensors")).doesNotExist();
  }
}
