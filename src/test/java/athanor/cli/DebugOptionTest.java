package athanor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.tensor.DType;
import athanor.testkit.CommandLineRun;
import athanor.testkit.Gen;
import athanor.testkit.Sample;
import athanor.testkit.TensorFile;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code --debug}: what a bug report needs, on standard error. */
class DebugOptionTest {
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

  private static CommandLineRun run(String... args) {
    return CommandLineRun.of((out, err) -> new Main(out, err).run(args));
  }

  @Test
  void saysProgramStagesAndTimes() {
    CommandLineRun plain = run("inspect", lora, "--scan", "--hash");
    CommandLineRun run = run("inspect", lora, "--scan", "--hash", "--debug");
    assertThat(run.code()).isZero();
    assertThat(run.out()).isEqualTo(plain.out());
    assertThat(plain.err()).isEmpty();
    assertThat(run.err().lines()).allMatch(line -> line.startsWith("debug: "));
    assertThat(run.err())
        .containsPattern("debug: athanor [0-9.]+, Java 25.*, \\d+ processors, .* heap")
        .containsPattern("debug: scanning pixel.safetensors: \\d+\\.\\d{3} s, 5.1 kB, 2 items")
        .containsPattern("debug: exit code 0 after \\d+\\.\\d{3} s");
  }

  @Test
  void saysWhereAFailureCameFrom() {
    String[] failing = {"check", lora, folder.resolve("none.safetensors").toString()};
    assertThat(run(failing).err()).doesNotContain("\tat ", "debug");
    CommandLineRun run = run("check", lora, failing[2], "--debug");
    assertThat(run.code()).isEqualTo(4);
    assertThat(run.err())
        .contains("debug: athanor.error.AthanorException: ", "athanor.cli.command.CheckCommand")
        .contains("athanor: " + failing[2] + ": no such file");
  }

  @Test
  void isAnEventALineWithJson() {
    CommandLineRun run = run("check", "--json", "--debug", folder.resolve("none").toString());
    assertThat(run.code()).isEqualTo(4);
    assertThat(run.err().lines()).allMatch(line -> line.startsWith("{\"event\":\""));
    assertThat(run.err())
        .contains("{\"event\":\"debug\",\"text\":\"athanor.error.AthanorException: ")
        .contains("{\"event\":\"error\",\"kind\":\"BAD_FILE\"");
  }

  @Test
  void isInTheHelpOfEveryCommand() {
    assertThat(run("merge", "--help").out()).contains("--debug");
    assertThat(run("cache", "ls", "--help").out()).contains("--debug");
  }
}
