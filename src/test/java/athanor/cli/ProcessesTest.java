package athanor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.job.DemoFiles;
import athanor.kernel.Kernels;
import athanor.testkit.CommandLineRun;
import athanor.testkit.Gen;
import athanor.testkit.JavaProcess;
import athanor.testkit.TensorFile;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real processes: signals, two runs on one output, inputs that change, outputs that cannot be. */
@DisabledOnOs(OS.WINDOWS)
class ProcessesTest {
  @TempDir private Path folder;

  private Path base;
  private Path lora;
  private Path output;

  @BeforeEach
  void writeInputs() {
    var files = new DemoFiles(Kernels.create(), folder);
    base = files.writeBase();
    lora = files.writeKohyaLora();
    output = folder.resolve("out.safetensors");
  }

  private List<String> command(Path out, String ratio) {
    return JavaProcess.command(
        Launch.class,
        "merge",
        "--base",
        base.toString(),
        lora + "@" + ratio,
        "--out",
        out.toString(),
        "--no-metadata",
        "--overwrite");
  }

  private Process start(String ratio) throws IOException {
    return JavaProcess.start(command(output, ratio));
  }

  private void awaitTemporary(Process merge) throws Exception {
    while (merge.isAlive() && temporaries().isEmpty()) {
      Thread.sleep(1);
    }
  }

  private List<String> temporaries() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".partial"))
          .toList();
    }
  }

  @ParameterizedTest
  @CsvSource({"TERM, 143", "INT, 130", "HUP, 129"})
  void aSignalEndsTheRunWithItsCodeAndLeavesNothing(String signal, int code) throws Exception {
    Process merge = start("0.5");
    awaitTemporary(merge);
    new ProcessBuilder("kill", "-" + signal, String.valueOf(merge.pid())).start().waitFor();
    CommandLineRun run = JavaProcess.end(merge);
    assertThat(run.code()).as(run.out()).isIn(code, 0);
    assertThat(run.out()).doesNotContain("\tat ");
    assertThat(temporaries()).isEmpty();
    if (run.code() == 0) {
      assertThat(output).exists(); // the signal came after the end
    } else {
      assertThat(output).doesNotExist();
      assertThat(run.out()).contains("cancelled; nothing was written");
    }
  }

  @Test
  void ofTwoRunsOnOneOutputOneWinsWhole() throws Exception {
    Map<String, byte[]> half = merged("0.5");
    Map<String, byte[]> full = merged("1.0");
    Process first = start("0.5");
    Process second = start("1.0");
    assertThat(JavaProcess.end(first).code()).isZero();
    assertThat(JavaProcess.end(second).code()).isZero();
    Map<String, byte[]> winner = TensorFile.allBytes(output);
    assertThat(same(winner, half) || same(winner, full)).isTrue();
    assertThat(temporaries()).isEmpty();
  }

  private Map<String, byte[]> merged(String ratio) throws Exception {
    CommandLineRun run = JavaProcess.end(start(ratio));
    assertThat(run.code()).as(run.out()).isZero();
    Map<String, byte[]> tensors = TensorFile.allBytes(output);
    Files.delete(output);
    return tensors;
  }

  private static boolean same(Map<String, byte[]> one, Map<String, byte[]> other) {
    return one.keySet().equals(other.keySet())
        && one.keySet().stream().allMatch(key -> Arrays.equals(one.get(key), other.get(key)));
  }

  @Test
  void aBaseThatIsCutShortMeanwhileEndsInAMessage() throws Exception {
    Process merge = start("0.5");
    awaitTemporary(merge);
    try (var file = new RandomAccessFile(base.toFile(), "rw")) {
      file.setLength(file.length() / 2);
    }
    assertRefused(merge);
  }

  @Test
  void aBaseThatIsReplacedMeanwhileEndsInAMessage() throws Exception {
    Path other = Files.copy(base, folder.resolve("other"));
    Process merge = start("0.5");
    awaitTemporary(merge);
    Files.move(other, base, StandardCopyOption.ATOMIC_MOVE);
    assertRefused(merge);
  }

  private void assertRefused(Process merge) throws Exception {
    CommandLineRun run = JavaProcess.end(merge);
    assertThat(run.out()).doesNotContain("\tat ");
    if (run.code() != 0) { // it may have been done already
      assertThat(run.code()).as(run.out()).isEqualTo(4);
      assertThat(run.out()).contains("changed while it was read");
      assertThat(output).doesNotExist();
    }
    assertThat(temporaries()).isEmpty();
  }

  @Test
  void outputsThatCannotBeAreRefusedBeforeAnyWork() throws Exception {
    Path pipe = folder.resolve("pipe.safetensors");
    new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor();
    Path device =
        Files.createSymbolicLink(folder.resolve("full.safetensors"), Path.of("/dev/full"));
    var outputs = new ArrayList<Path>(List.of(device, folder.resolve("n".repeat(300) + ".ckpt")));
    if (Files.exists(pipe)) {
      outputs.add(pipe);
    }
    outputs.add(Files.createDirectory(folder.resolve("folder.safetensors")));
    outputs.add(folder.resolve("missing").resolve("out.safetensors"));
    for (Path out : outputs) {
      String[] arguments = {
        "merge", "--base", base.toString(), lora.toString(), "--out", out.toString(), "--overwrite"
      };
      CommandLineRun run = CommandLineRun.of((o, e) -> new Main(o, e).run(arguments));
      assertThat(run.code()).as(out + ": " + run.err()).isEqualTo(2);
      assertThat(run.err()).doesNotContain("\tat ");
    }
    assertThat(temporaries()).isEmpty();
  }

  @Test
  void aHardLinkToTheOldOutputKeepsTheOldContent() throws Exception {
    byte[] old = Gen.fixed(1).bytes(100);
    Files.write(output, old);
    Path link = Files.createLink(folder.resolve("kept"), output);
    assertThat(JavaProcess.end(start("0.5")).code()).isZero();
    assertThat(link).hasBinaryContent(old);
    assertThat(Files.size(output)).isGreaterThan(old.length);
  }
}
