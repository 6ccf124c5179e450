package athanor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.job.DemoFiles;
import athanor.kernel.Kernels;
import athanor.testkit.CommandLineRun;
import athanor.testkit.Gen;
import athanor.testkit.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A merge in a process of its own that is killed at any moment never leaves a wrong file. {@code
 * -Dkills=N} says how often.
 */
class KilledMergeTest {
  private static final int KILLS = Integer.getInteger("kills", 12);

  @TempDir private Path folder;

  @Test
  void leavesTheOldOutputOrNoneOrTheWholeOneWhenKilled() throws Exception {
    Gen gen = Gen.seeded("killed merge");
    var files = new DemoFiles(Kernels.create(), folder);
    Path base = files.writeBase();
    Path lora = files.writeKohyaLora();
    byte[] baseBytes = Files.readAllBytes(base);
    byte[] loraBytes = Files.readAllBytes(lora);
    Path expected = folder.resolve("expected.safetensors");
    assertThat(run(base, lora, expected).code()).isZero();
    Map<String, byte[]> right = TensorFile.allBytes(expected);
    Path output = folder.resolve("out.safetensors");
    long whole = millisOf(start(base, lora, folder.resolve("timed.safetensors")));
    int interrupted = 0;
    int whileWriting = 0;
    for (int i = 0; i < KILLS; i++) {
      Files.deleteIfExists(output);
      boolean old = gen.coin();
      List<String> before = leftovers();
      if (old) {
        Files.writeString(output, "old");
      }
      Process merge = start(base, lora, output);
      awaitTheMoment(merge, gen, (int) whole);
      merge.destroyForcibly().waitFor();
      whileWriting += leftovers().equals(before) ? 0 : 1;
      boolean untouched = old ? Files.size(output) == 3 : Files.notExists(output);
      if (untouched) {
        interrupted++;
      } else {
        assertSame(right, output);
      }
    }
    System.out.println(
        KILLS
            + " kills, "
            + interrupted
            + " before the output was there, "
            + whileWriting
            + " while it was being written");
    assertThat(interrupted).as("kills that came in time").isPositive();
    Files.deleteIfExists(output);
    assertThat(run(base, lora, output).code()).isZero();
    assertSame(right, output);
    assertThat(Files.readAllBytes(base)).isEqualTo(baseBytes);
    assertThat(Files.readAllBytes(lora)).isEqualTo(loraBytes);
    assertThat(leftovers()).isEmpty();
  }

  /** Half of the kills come at any time, half while the output is being written. */
  private void awaitTheMoment(Process merge, Gen gen, int whole) throws Exception {
    if (gen.coin()) {
      merge.waitFor(gen.between(50, whole), TimeUnit.MILLISECONDS);
      return;
    }
    List<String> before = leftovers();
    while (merge.isAlive() && leftovers().equals(before)) {
      merge.waitFor(1, TimeUnit.MILLISECONDS);
    }
    merge.waitFor(gen.between(0, Math.max(1, whole / 4)), TimeUnit.MILLISECONDS);
  }

  private List<String> leftovers() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.startsWith(".out.safetensors"))
          .toList();
    }
  }

  private static void assertSame(Map<String, byte[]> right, Path output) {
    Map<String, byte[]> actual = TensorFile.allBytes(output);
    assertThat(actual.keySet()).isEqualTo(right.keySet());
    right.forEach((key, bytes) -> assertThat(actual.get(key)).as(key).isEqualTo(bytes));
  }

  private static CommandLineRun run(Path base, Path lora, Path output) {
    return CommandLineRun.of((out, err) -> new Main(out, err).run(arguments(base, lora, output)));
  }

  private static String[] arguments(Path base, Path lora, Path output) {
    return new String[] {
      "merge", "--base", base.toString(), lora + "@0.6", "--out", output.toString(), "--overwrite"
    };
  }

  private static Process start(Path base, Path lora, Path output) throws IOException {
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("--add-modules=jdk.incubator.vector");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add("athanor.cli.Main");
    command.addAll(List.of(arguments(base, lora, output)));
    return new ProcessBuilder(command)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private static long millisOf(Process process) throws InterruptedException {
    long begin = System.nanoTime();
    assertThat(process.waitFor()).isZero();
    return Math.max(200, (System.nanoTime() - begin) / 1_000_000);
  }
}
