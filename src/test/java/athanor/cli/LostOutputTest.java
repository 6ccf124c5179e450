package athanor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.tensor.DType;
import athanor.testkit.CommandLineRun;
import athanor.testkit.Gen;
import athanor.testkit.JavaProcess;
import athanor.testkit.Sample;
import athanor.testkit.TensorFile;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Commands whose standard output goes nowhere. */
class LostOutputTest {
  private static final String TO_Q =
      "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q";

  @TempDir private Path folder;
  private String lora = "";

  @BeforeEach
  void writeALora() {
    lora =
        Sample.pair(new TensorFile(), TO_Q, 320, 4, 320, DType.F16, Gen.fixed(1))
            .write(folder.resolve("pixel.safetensors"))
            .toString();
  }

  @ParameterizedTest
  @EnabledOnOs(OS.LINUX)
  @CsvSource({
    "card LORA, >/dev/full",
    "inspect LORA, >/dev/full",
    "inspect --json LORA, >/dev/full",
    "--help, >/dev/full",
    "inspect --json LORA, >&-"
  })
  void aCommandWhoseOutputIsLostFails(String line, String redirection) throws Exception {
    CommandLineRun run = run(line, redirection);
    assertThat(run.out())
        .contains("standard output could not be written; a part of it is lost")
        .doesNotContain("\tat ");
    assertThat(run.code()).isEqualTo(6);
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void whatTheCommandMadeIsThereAllTheSame() throws Exception {
    Path out = folder.resolve("small.safetensors");
    CommandLineRun run = run("resize LORA --rank 2 --out " + out, ">/dev/full");
    assertThat(run.code()).isEqualTo(6);
    assertThat(run.out()).contains("help: the work itself is done");
    assertThat(Files.exists(out)).isTrue();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aReaderThatReadsToTheEndIsFine() throws Exception {
    assertThat(run("inspect --json LORA", "| cat >/dev/null").code()).isZero();
    assertThat(run("inspect --json LORA", ">/dev/null").code()).isZero();
  }

  @Test
  void aFailureKeepsItsExitCode() {
    var err = new java.io.ByteArrayOutputStream();
    var lost =
        new PrintStream(
            new OutputStream() {
              @Override
              public void write(int b) throws java.io.IOException {
                throw new java.io.IOException("No space left on device");
              }
            });
    int code = new Main(lost, new PrintStream(err)).run("inspect", lora, "none.safetensors");
    assertThat(code).isEqualTo(4);
    assertThat(err.toString()).contains("standard output could not be written");
  }

  /** Runs a command with a redirection of its standard output; shows its standard error. */
  private CommandLineRun run(String line, String redirection) throws Exception {
    List<String> java =
        new ArrayList<>(JavaProcess.command(Main.class, line.replace("LORA", lora).split(" ")));
    List<String> shell = new ArrayList<>(List.of("sh", "-c"));
    shell.add("\"$@\" " + redirection);
    shell.add("sh");
    shell.addAll(java);
    return JavaProcess.end(JavaProcess.start(shell));
  }
}
