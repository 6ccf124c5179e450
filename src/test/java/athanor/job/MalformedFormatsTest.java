package athanor.job;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.error.Kind;
import athanor.error.Problem;
import athanor.recipe.LoraInput;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.testkit.Gen;
import athanor.testkit.Merging;
import athanor.testkit.Sample;
import athanor.testkit.TensorFile;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A broken module of any format: the file and the module are named, and nothing is written. */
class MalformedFormatsTest {
  private static final String MODULE =
      "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q";

  @TempDir private Path folder;

  /** Tensors {@code .suffix=RxC}; those behind a {@code !} begin with a value that is none. */
  private Path lora(String tensors) {
    Gen gen = Gen.fixed(7);
    TensorFile file = new TensorFile();
    for (String tensor : tensors.split(" ")) {
      boolean broken = tensor.startsWith("!");
      String[] parts = tensor.substring(broken ? 1 : 0).split("=");
      String[] dims = parts[1].split("x");
      long[] shape = new long[dims.length];
      for (int i = 0; i < dims.length; i++) {
        shape[i] = Long.parseLong(dims[i]);
      }
      float[] values = gen.gaussians(Math.toIntExact(Shape.of(shape).elementCount()), 0.1);
      if (broken) {
        values[0] = Float.NaN;
      }
      file.put(MODULE + parts[0], DType.F32, Shape.of(shape), values);
    }
    return file.write(folder.resolve("broken.safetensors"));
  }

  @ParameterizedTest
  @CsvSource({
    "a pair without up, .lora_down.weight=4x320",
    "a pair of two ranks, .lora_up.weight=320x3 .lora_down.weight=4x320",
    "a pair with NaN, !.lora_up.weight=320x4 .lora_down.weight=4x320",
    "a LoHa without a factor, .hada_w1_a=320x4 .hada_w1_b=4x320 .hada_w2_a=320x4",
    "a LoHa of two sizes, .hada_w1_a=320x4 .hada_w1_b=4x320 .hada_w2_a=320x4 .hada_w2_b=4x32",
    "a LoHa with NaN, .hada_w1_a=320x4 .hada_w1_b=4x320 !.hada_w2_a=320x4 .hada_w2_b=4x320",
    "a LoKr with one side, .lokr_w1=8x8",
    "a LoKr of two ranks, .lokr_w1=8x8 .lokr_w2_a=40x2 .lokr_w2_b=3x40",
    "a LoKr with NaN, !.lokr_w1=8x8 .lokr_w2=40x40",
    "a difference with NaN, !.diff=320x320",
    "a DoRA alone, .dora_scale=320x1",
    "a DoRA of odd shape, .lora_up.weight=320x4 .lora_down.weight=4x320 .dora_scale=2x160",
    "a DoRA with NaN, .lora_up.weight=320x4 .lora_down.weight=4x320 !.dora_scale=320x1",
    "an IA3 without a side, .weight=2x160 .on_input=1",
    "a GLoRA without a factor, .a1.weight=320x4 .a2.weight=4x320 .b1.weight=320x4",
    "an OFT with NaN, !.oft_blocks=40x8x8",
    "an OFT of blocks that are not square, .oft_blocks=40x8x4",
    "an OFTv2 of an odd number of columns, .oft_R.weight=40x5",
    "an HRA without direction, .hra_u=320x0",
    "half a HiRA, .hira_A=4x320",
    "a MiSS with NaN, !.miss_block=4x320",
    "half a VeRA, .vera_lambda_b=320",
  })
  void isNamedAndNothingIsWritten(String what, String tensors) {
    Path base =
        new TensorFile()
            .random(Sample.corner(DType.F16), 0.05, Gen.fixed(1))
            .write(folder.resolve("base.safetensors"));
    Path output = folder.resolve("out.safetensors");
    Problem problem = Merging.of(base, new LoraInput(lora(tensors), 1)).failureInto(output);
    assertThat(problem.kind()).as(what).isEqualTo(Kind.BAD_FILE);
    assertThat(problem.line()).contains("broken.safetensors", MODULE);
    assertThat(folder.toFile().list())
        .containsExactlyInAnyOrder("base.safetensors", "broken.safetensors");
  }
}
