package athanor.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import athanor.recipe.CheckpointEdits;
import athanor.recipe.LoraInput;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.testkit.Gen;
import athanor.testkit.Merging;
import athanor.testkit.TensorFile;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * LoRAs with the modules of diffusers, merged into a FLUX.1 that fuses them or turns them round.
 */
class FusedMergeTest {
  private static final int WIDTH = 16;
  private static final int RANK = 2;
  private static final double RATIO = 0.5;
  private static final String QKV = "double_blocks.0.img_attn.qkv.weight";
  private static final String MODULATION = "final_layer.adaLN_modulation.1.weight";

  @TempDir private Path folder;

  private Path base() {
    Gen gen = Gen.fixed(1);
    return new TensorFile()
        .random("img_in.weight", DType.F32, Shape.of(3072, 64), 1, gen)
        .random("double_blocks.0.img_attn.norm.key_norm.scale", DType.F32, Shape.of(128), 1, gen)
        .random(QKV, DType.F32, Shape.of(9216, WIDTH), 1, gen)
        .random(MODULATION, DType.F32, Shape.of(6144, WIDTH), 1, gen)
        .write(folder.resolve("base.safetensors"));
  }

  private Path lora(String module, int rows) {
    Gen gen = Gen.fixed(2);
    return new TensorFile()
        .random(module + ".lora_B.weight", DType.F32, Shape.of(rows, RANK), 1, gen)
        .random(module + ".lora_A.weight", DType.F32, Shape.of(RANK, WIDTH), 1, gen)
        .write(folder.resolve("lora.safetensors"));
  }

  private Path merged(Path base, Path lora) {
    Path output = folder.resolve("out.safetensors");
    Merging.of(base, new LoraInput(lora, RATIO)).into(output);
    return output;
  }

  /** Compares a merged tensor with the update in double precision, rows moved as they should be. */
  private void assertMerged(String module, int rows, String key, IntUnaryOperator rowOf) {
    Path base = base();
    Path lora = lora(module, rows);
    float[] expected = TensorFile.floats(base, key);
    float[] up = TensorFile.floats(lora, module + ".lora_B.weight");
    float[] down = TensorFile.floats(lora, module + ".lora_A.weight");
    for (int row = 0; row < rows; row++) {
      for (int column = 0; column < WIDTH; column++) {
        double sum = 0;
        for (int r = 0; r < RANK; r++) {
          sum += (double) up[row * RANK + r] * down[r * WIDTH + column];
        }
        expected[rowOf.applyAsInt(row) * WIDTH + column] += (float) (RATIO * sum);
      }
    }

    Path output = merged(base, lora);

    assertThat(TensorFile.floats(output, key)).containsExactly(expected, within(1e-5f));
    String other = key.equals(QKV) ? MODULATION : QKV;
    assertThat(TensorFile.allBytes(output).get(other))
        .isEqualTo(TensorFile.allBytes(base).get(other));
  }

  @Test
  void aSplitModuleChangesItsRowsOfTheFusedTensor() {
    assertMerged("transformer.transformer_blocks.0.attn.to_k", 3072, QKV, row -> 3072 + row);
  }

  @Test
  void theFusedModuleChangesAllOfThem() {
    assertMerged("diffusion_model.double_blocks.0.img_attn.qkv", 9216, QKV, row -> row);
  }

  @Test
  void halvesThatDiffusersExchangedGoBackToTheirPlaces() {
    assertMerged("transformer.norm_out.linear", 6144, MODULATION, row -> (row + 3072) % 6144);
  }

  @Test
  void aVaeIsRefusedWhereTheTransformerIsAlone() {
    Path lora = lora("diffusion_model.double_blocks.0.img_attn.qkv", 9216);

    assertThat(
            Merging.of(base(), new LoraInput(lora, RATIO))
                .edits(new CheckpointEdits(Optional.of(lora), false))
                .failureInto(folder.resolve("out.safetensors"))
                .what())
        .isEqualTo("a VAE cannot be put into a file that holds a transformer alone");
  }
}
