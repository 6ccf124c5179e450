package athanor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import athanor.testkit.CommandLineRun;
import athanor.testkit.DescribedFile;
import athanor.testkit.Gen;
import athanor.testkit.Sample;
import athanor.testkit.SparseFile;
import athanor.testkit.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Small files that claim huge tensors, and honest tensors with more elements than an int counts.
 */
@Timeout(60)
class HugeShapesTest {
  private static final String TO_Q =
      "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q";

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"9223372036854775807,0", "0,4294967296", "0,4611686018427387904,3"})
  void aConversionRefusesWhatNoValuesVouchFor(String shape) throws IOException {
    String file = write("huge.safetensors", "F32 " + shape + " a");
    for (String target : List.of("out.safetensors", "out.ckpt")) {
      CommandLineRun run =
          run("convert", file, "--save_precision", "bf16", "--out", path(target).toString());
      assertThat(run.code()).as(run.err()).isEqualTo(4);
      assertThat(run.err()).contains("the size of the tensor overflows", "no values");
    }
  }

  @Test
  void anExtraTensorOfABaseIsNoWayRoundIt() throws IOException {
    String base =
        write("base.safetensors", lines(Sample.sd1(DType.F8_E4M3)) + "F32 2147483648,0 x");
    String lora =
        Sample.pair(new TensorFile(), TO_Q, 320, 4, 320, DType.F16, Gen.fixed(1))
            .write(path("lora.safetensors"))
            .toString();
    String out = path("out.safetensors").toString();
    assertThat(run("merge", "--base", base, lora, "--out", out).code()).isEqualTo(4);
  }

  @Test
  void aTensorWithoutValuesIsConvertedAtOnce() throws IOException {
    String file = write("tall.safetensors", "F32 2147483647,0 a\nF32 0,2147483647 b");
    String out = path("out.safetensors").toString();
    long start = System.nanoTime();
    CommandLineRun run = run("convert", file, "--save_precision", "bf16", "--out", out);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    String torch = path("out.ckpt").toString();
    assertThat(run("convert", out, "--out", torch).code()).isZero();
    assertThat(run("convert", torch, "--out", path("back.safetensors").toString()).code()).isZero();
  }

  @Test
  void aResizeRefusesFactorsWithoutValues() throws IOException {
    String file =
        write(
            "lora.safetensors",
            "F16 0,2147483647 %1$s.lora_up.weight\nF16 2147483647,0 %1$s.lora_down.weight"
                .formatted(TO_Q));
    String out = path("out.safetensors").toString();
    CommandLineRun run = run("resize", file, "--rank", "2", "--out", out);
    assertThat(run.code()).as(run.err()).isEqualTo(4);
    assertThat(run.err()).contains("a factor is empty");
  }

  @Test
  @EnabledIfSystemProperty(named = "reliability", matches = "true")
  @Timeout(600)
  void aRowWithMoreElementsThanAnIntCountsIsConverted() throws IOException {
    var wide = new TensorInfo("a", DType.F8_E4M3, Shape.of(1, (1L << 31) + 8));
    Path file = SparseFile.write(path("wide.safetensors"), List.of(wide));
    Path out = path("out.safetensors");
    CommandLineRun run =
        run("convert", file.toString(), "--save_precision", "fp16", "--out", out.toString());
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(Files.size(out)).isGreaterThan(2 * wide.byteSize());
  }

  private static String lines(List<TensorInfo> tensors) {
    var lines = new StringBuilder();
    for (TensorInfo tensor : tensors) {
      String dims = tensor.shape().toString().replaceAll("[\\[\\] ]", "");
      lines.append(tensor.dtype() + " " + dims + " " + tensor.key() + "\n");
    }
    return lines.toString();
  }

  private Path path(String name) {
    return folder.resolve(name);
  }

  private String write(String name, String text) throws IOException {
    return Files.write(path(name), DescribedFile.of(text, 16 << 20, (byte) 0x2c)).toString();
  }

  private static CommandLineRun run(String... arguments) {
    return CommandLineRun.of((out, err) -> new Main(out, err).run(arguments));
  }
}
