package athanor.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.cli.terminal.Sizes;
import athanor.safetensors.SafetensorsFile;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.testkit.Gen;
import athanor.testkit.Sample;
import athanor.testkit.TensorFile;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The commands resize, extract and convert, as people type them. */
class ToolCommandsTest {
  private static final String Q =
      "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q";

  @TempDir private Path folder;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private int run(String... args) {
    return new Main(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8))
        .run(args);
  }

  private String lora() {
    Path path = folder.resolve("in.safetensors");
    Sample.pair(new TensorFile(), Q, 320, 16, 320, DType.F16, Gen.fixed(1))
        .put(Q + ".alpha", DType.F16, Shape.of(), 8)
        .write(path);
    return path.toString();
  }

  private String result() {
    return folder.resolve("out.safetensors").toString();
  }

  @Test
  void resizeTakesKohyasArgumentsAsTheyAre() {
    assertThat(
            run(
                "resize",
                "--model",
                lora(),
                "--save_to",
                result(),
                "--new_rank",
                "8",
                "--save_precision",
                "fp16",
                "--dynamic_method",
                "sv_fro",
                "--dynamic_param",
                "0.5",
                "--device",
                "cuda",
                "--verbose"))
        .as(err.toString(StandardCharsets.UTF_8))
        .isZero();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains("worst module")
        .contains("before: 16");
    try (SafetensorsFile file = SafetensorsFile.open(Path.of(result()))) {
      assertThat(file.metadata()).containsEntry("ss_network_dim", "Dynamic");
    }
  }

  @Test
  void convertSaysWhatItDidAsJson() {
    assertThat(run("convert", lora(), "-o", result(), "--save-precision", "bf16", "--json"))
        .isZero();
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("\"converted_tensors\":2");
  }

  @ParameterizedTest
  @CsvSource({
    "resize IN --out OUT, how small",
    "resize IN --out OUT --rank 0, at least 1",
    "resize IN --out OUT --method sv_fro, needs its parameter",
    "resize IN --out OUT --method sv_fro --param 1.5, out of range",
    "resize IN --out OUT --param 1.5, without --method",
    "resize IN --out OUT --target-size much, no size",
    "resize IN --rank 4, no output",
    "resize IN --rank 4 --out OUT.txt, unknown extension",
    "resize --rank 4 --out OUT, no LoRA was given",
    "extract --base IN --out OUT --rank 4, one checkpoint is missing",
    "extract --base IN --tuned IN --out OUT, no rank",
    "extract --base IN --tuned IN --out OUT --rank 4 --clamp_quantile 2, quantile",
    "convert IN --out OUT --save_precision fp7, unknown precision",
    "convert IN --out OUT --format a1111, unknown format",
    "convert IN --out OUT --to loha, unknown format",
    "convert IN --out OUT --rank 4, are for a change of format",
    "convert IN --out OUT --to lora --rank 0, a rank is at least 1",
    "convert IN --out OUT --to lora --keep 1.5, a share is above 0 and at most 1",
    "convert IN --out OUT --to lora --prune-ema, --prune-ema is about checkpoints",
    "convert IN --out IN --overwrite, never overwritten"
  })
  void refusesWhatMakesNoSense(String line, String message) {
    String[] args = line.replace("IN", lora()).replace("OUT", result()).split(" ");
    assertThat(run(args)).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains(message);
    assertThat(Path.of(result())).doesNotExist();
  }

  @Test
  void readsSizesInTheUsualSpellings() {
    assertThat(Sizes.parse("50MB")).isEqualTo(50_000_000);
    assertThat(Sizes.parse("1.5 gb")).isEqualTo(1_500_000_000);
    assertThat(Sizes.parse("48MiB")).isEqualTo(48L << 20);
    assertThat(Sizes.parse("1234")).isEqualTo(1234);
    assertThatThrownBy(() -> Sizes.parse("-3MB")).hasMessageContaining("no size");
  }
}
