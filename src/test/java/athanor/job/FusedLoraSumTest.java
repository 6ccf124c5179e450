package athanor.job;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.recipe.LoraInput;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.testkit.Gen;
import athanor.testkit.LoraMerging;
import athanor.testkit.Merging;
import athanor.testkit.TensorFile;
import java.nio.file.Path;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * LoRAs of FLUX.1, of which one changes a fused projection and another a part of it: their sum,
 * merged into a checkpoint, is what both are, merged one after the other.
 */
class FusedLoraSumTest {
  private static final int WIDTH = 3072;
  private static final int RANK = 2;
  private static final String QKV = "double_blocks.0.img_attn.qkv.weight";
  private static final String LINEAR = "single_blocks.0.linear1.weight";
  private static final String MODULATION = "final_layer.adaLN_modulation.1.weight";
  private static final String FUSED = "lora_unet_double_blocks_0_img_attn_qkv";
  private static final String HALVES = "lora_unet_final_layer_adaLN_modulation_1";
  private static final String NORM = "double_blocks.0.img_attn.norm.key_norm.scale";
  private static final String SINGLE = "transformer.single_transformer_blocks.0.";
  private static final String DOUBLE = "transformer.transformer_blocks.0.attn.";

  @TempDir private Path folder;
  private final Gen gen = Gen.fixed(5);

  private Path base() {
    return new TensorFile()
        .random("img_in.weight", DType.BF16, Shape.of(3072, 64), 1, gen)
        .random(NORM, DType.BF16, Shape.of(128), 1, gen)
        .random(QKV, DType.F32, Shape.of(9216, WIDTH), 0.1, gen)
        .random("double_blocks.0.img_attn.qkv.bias", DType.F32, Shape.of(9216), 1, gen)
        .write(folder.resolve("base.safetensors"));
  }

  private TensorFile pair(TensorFile file, String module, int rows) {
    return file.random(module + ".lora_B.weight", DType.F32, Shape.of(rows, RANK), 0.5, gen)
        .random(module + ".lora_A.weight", DType.F32, Shape.of(RANK, WIDTH), 0.1, gen);
  }

  private TensorFile kohya(TensorFile file, String module, int rows) {
    return file.random(module + ".lora_up.weight", DType.F32, Shape.of(rows, RANK), 0.5, gen)
        .random(module + ".lora_down.weight", DType.F32, Shape.of(RANK, WIDTH), 0.1, gen)
        .put(module + ".alpha", DType.F32, Shape.of(), 1);
  }

  private Path write(String name, TensorFile file) {
    return file.write(folder.resolve(name + ".safetensors"));
  }

  private Path sum(LoraInput... loras) {
    Path output = folder.resolve("sum.safetensors");
    LoraMerging.of(loras).into(output);
    return output;
  }

  private static TreeSet<String> modules(Path lora) {
    TreeSet<String> modules = new TreeSet<>();
    for (String key : TensorFile.allBytes(lora).keySet()) {
      modules.add(key.substring(0, key.indexOf('.')));
    }
    return modules;
  }

  private static void assertSame(Path one, Path other, String key) {
    float[] left = TensorFile.floats(one, key);
    float[] right = TensorFile.floats(other, key);
    float most = 0;
    for (int i = 0; i < left.length; i++) {
      most = Math.max(most, Math.abs(left[i] - right[i]));
    }
    assertThat(most).isLessThan(3e-6f);
  }

  @Test
  void theFusedOneIsSplitExactly() {
    Path base = base();
    Path fused = write("fused", kohya(new TensorFile(), FUSED, 9216));
    TensorFile parts = pair(new TensorFile(), DOUBLE + "to_q", 3072);
    Path split = write("split", pair(parts, DOUBLE + "to_v", 3072));
    Path sum = sum(new LoraInput(fused, 0.5), new LoraInput(split, -0.7));
    assertThat(modules(sum)).hasSize(3);

    Path both = folder.resolve("both.safetensors");
    Merging.of(base, new LoraInput(fused, 0.5), new LoraInput(split, -0.7)).into(both);
    Path once = folder.resolve("once.safetensors");
    Merging.of(base, new LoraInput(sum, 1)).into(once);
    assertSame(once, both, QKV);
  }

  /** A LoKr has no rows of its own: those of its product are made dense. */
  @Test
  void aFormatThatCannotBeSplitIsMadeDenseForItsRows() {
    Path base = base();
    TensorFile lokr =
        new TensorFile()
            .random(FUSED + ".lokr_w1", DType.F32, Shape.of(96, 32), 0.3, gen)
            .random(FUSED + ".lokr_w2", DType.F32, Shape.of(96, 96), 0.1, gen)
            .random(FUSED + ".diff_b", DType.F32, Shape.of(9216), 1, gen);
    Path fused = write("fused", lokr);
    Path split = write("split", pair(new TensorFile(), DOUBLE + "to_k", 3072));
    Path sum = sum(new LoraInput(split, 1), new LoraInput(fused, 0.5));
    Path both = folder.resolve("both.safetensors");
    Merging.of(base, new LoraInput(split, 1), new LoraInput(fused, 0.5)).into(both);
    Path once = folder.resolve("once.safetensors");
    Merging.of(base, new LoraInput(sum, 1)).into(once);
    assertSame(once, both, QKV);
    assertSame(once, both, "double_blocks.0.img_attn.qkv.bias");
  }

  @Test
  void whereNothingOverlapsItStaysFused() {
    Path one = write("one", kohya(new TensorFile(), FUSED, 9216));
    Path two = write("two", pair(new TensorFile(), SINGLE + "attn.to_q", 3072));
    assertThat(modules(sum(new LoraInput(one, 1), new LoraInput(two, 1))))
        .contains(FUSED)
        .hasSize(2);
  }

  @Test
  void partsOfUnequalSizeAreSplitToo() {
    Path one = write("one", kohya(new TensorFile(), "lora_unet_single_blocks_0_linear1", 21504));
    Path two = write("two", pair(new TensorFile(), SINGLE + "proj_mlp", 12288));
    Path sum = sum(new LoraInput(one, 1), new LoraInput(two, 1));
    assertThat(modules(sum)).hasSize(4);
    Path base =
        new TensorFile()
            .random("img_in.weight", DType.BF16, Shape.of(3072, 64), 1, gen)
            .random(NORM, DType.BF16, Shape.of(128), 1, gen)
            .random(LINEAR, DType.F32, Shape.of(21504, WIDTH), 0.1, gen)
            .write(folder.resolve("single.safetensors"));
    Path both = folder.resolve("both.safetensors");
    Merging.of(base, new LoraInput(one, 1), new LoraInput(two, 1)).into(both);
    Path once = folder.resolve("once.safetensors");
    Merging.of(base, new LoraInput(sum, 1)).into(once);
    assertSame(once, both, LINEAR);
  }

  /** The one part that is all of its module, with the halves exchanged. */
  @Test
  void exchangedHalvesMeetInOneModule() {
    TensorFile known = kohya(new TensorFile(), FUSED, 9216);
    Path one = write("one", kohya(known, HALVES, 6144));
    Path two = write("two", pair(new TensorFile(), "transformer.norm_out.linear", 6144));
    Path sum = sum(new LoraInput(one, 1), new LoraInput(two, 1));
    assertThat(modules(sum)).hasSize(2);
    Path base =
        new TensorFile()
            .random("img_in.weight", DType.BF16, Shape.of(3072, 64), 1, gen)
            .random(NORM, DType.BF16, Shape.of(128), 1, gen)
            .random(MODULATION, DType.F32, Shape.of(6144, WIDTH), 0.1, gen)
            .write(folder.resolve("final.safetensors"));
    Path both = folder.resolve("both.safetensors");
    Merging.of(base, new LoraInput(one, 1), new LoraInput(two, 1)).into(both);
    Path once = folder.resolve("once.safetensors");
    Merging.of(base, new LoraInput(sum, 1)).into(once);
    assertSame(once, both, MODULATION);
  }
}
