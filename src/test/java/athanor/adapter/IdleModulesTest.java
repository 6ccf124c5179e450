package athanor.adapter;

import static athanor.testkit.Golden.g;
import static org.assertj.core.api.Assertions.assertThat;

import athanor.error.Kind;
import athanor.error.Problem;
import athanor.recipe.LoraInput;
import athanor.safetensors.SafetensorsFile;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.testkit.Gen;
import athanor.testkit.Merging;
import athanor.testkit.Sample;
import athanor.testkit.TensorFile;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Modules that change nothing because their factors are zero. */
class IdleModulesTest {
  private static final String MODULE =
      "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q";

  @TempDir private Path folder;

  /** Tensors {@code .suffix RxC} of a module; those behind a {@code 0} are zeros. */
  private static TensorFile module(String tensors) {
    TensorFile file = new TensorFile();
    for (String tensor : tensors.split(" ")) {
      boolean zero = tensor.startsWith("0");
      String[] parts = tensor.substring(zero ? 1 : 0).split("=");
      String[] dims = parts[1].split("x");
      long[] shape = new long[dims.length];
      for (int i = 0; i < dims.length; i++) {
        shape[i] = Long.parseLong(dims[i]);
      }
      int count = Math.toIntExact(Shape.of(shape).elementCount());
      float[] values = zero ? new float[count] : g(5, 2, count);
      file.put("m" + parts[0], DType.F16, Shape.of(shape), values);
    }
    return file;
  }

  private List<String> idle(TensorFile file) {
    try (StateDict source = SafetensorsFile.open(file.write(folder.resolve("lora.safetensors")))) {
      return AdapterFile.of(source).idle().stream().map(AdapterModule::name).toList();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0.lora_up.weight=6x2 .lora_down.weight=2x4, true",
    ".lora_up.weight=6x2 0.lora_down.weight=2x4, true",
    ".lora_up.weight=6x2 .lora_down.weight=2x4, false",
    "0.lora_B.weight=6x2 .lora_A.weight=2x4 .lora_B.bias=6, false",
    "0.lora_B.weight=6x2 .lora_A.weight=2x4 0.lora_B.bias=6, true",
    "0.lora_up.weight=6x2 .lora_down.weight=2x4 .dora_scale=6x1, false",
    ".hada_w1_a=6x2 .hada_w1_b=2x4 0.hada_w2_a=6x2 .hada_w2_b=2x4, true",
    ".hada_w1_a=6x2 .hada_w1_b=2x4 .hada_w2_a=6x2 .hada_w2_b=2x4, false",
    ".lokr_w1=2x2 0.lokr_w2=3x2, true",
    ".lokr_w1=2x2 .lokr_w2_a=3x1 0.lokr_w2_b=1x2, true",
    ".lokr_w1=2x2 .lokr_w2=3x2, false",
    "0.diff=6x4, true",
    "0.diff=6x4 .diff_b=6, false",
    "0.weight=6x1 .on_input=, true",
    "0.ia3_l=6x1, false",
    "0.a1.weight=4x2 .a2.weight=2x4 .b1.weight=6x2 0.b2.weight=2x4, true",
    "0.a1.weight=4x2 .a2.weight=2x4 .b1.weight=6x2 .b2.weight=2x4, false",
    "0.oft_R.weight=2x1, true",
    ".hira_A=2x4 0.hira_B=6x2, true",
    "0.miss_block=2x6, true",
    "0.oft_blocks=3x2x2 .rescale=6x1, false",
  })
  void aModuleIsIdleWhereItsValuesLeaveTheWeightAsItIs(String tensors, boolean expected) {
    assertThat(idle(module(tensors.replace(".on_input=", ".on_input=1"))).isEmpty())
        .isEqualTo(!expected);
  }

  /** Zeros of both signs are zeros, and the last value counts like the first. */
  @Test
  void allValuesAreLookedAt() {
    float[] values = new float[6 * 1000];
    values[17] = -0f;
    TensorFile zeros =
        module(".lora_down.weight=1000x4")
            .put("m.lora_up.weight", DType.F32, Shape.of(6, 1000), values);
    assertThat(idle(zeros)).containsExactly("m");
    float[] last = values.clone();
    last[last.length - 1] = 1e-20f;
    assertThat(idle(zeros.put("m.lora_up.weight", DType.F32, Shape.of(6, 1000), last))).isEmpty();
  }

  private TensorFile pair(String module, boolean zero) {
    Gen gen = Gen.fixed(3);
    float[] up = zero ? new float[640] : g(5, 2, 640);
    return new TensorFile()
        .put(module + ".lora_up.weight", DType.F32, Shape.of(320, 2), up)
        .random(module + ".lora_down.weight", DType.F32, Shape.of(2, 320), 0.1, gen);
  }

  private Path base() {
    return new TensorFile()
        .random(Sample.corner(DType.F32), 0.05, Gen.fixed(1))
        .write(folder.resolve("base.safetensors"));
  }

  @Test
  void aLoraOfIdleModulesIsAnErrorAndNothingIsWritten() {
    Path lora = pair(MODULE, true).write(folder.resolve("dead.safetensors"));
    Path output = folder.resolve("out.safetensors");
    Problem problem = Merging.of(base(), new LoraInput(lora, 1)).failureInto(output);
    assertThat(problem.kind()).isEqualTo(Kind.INCOMPATIBLE);
    assertThat(problem.line()).contains("changes nothing", "dead.safetensors", "factors of zeros");
    assertThat(output).doesNotExist();
  }

  @Test
  void anIdleModuleBesideOthersIsNoted() {
    TensorFile file = pair(MODULE, true);
    String other = MODULE.replace("to_q", "to_k");
    file.put(other + ".lora_up.weight", DType.F32, Shape.of(320, 2), g(5, 2, 640));
    file.put(other + ".lora_down.weight", DType.F32, Shape.of(2, 320), g(7, 3, 640));
    Path lora = file.write(folder.resolve("half.safetensors"));
    try (StateDict source = SafetensorsFile.open(lora)) {
      assertThat(AdapterFile.of(source).notes())
          .contains("1 module changes nothing: its factors are zero (" + MODULE + ")");
    }
  }
}
