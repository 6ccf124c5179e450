package athanor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.safetensors.HostileSafetensors;
import athanor.tensor.DType;
import athanor.testkit.CommandLineRun;
import athanor.testkit.Gen;
import athanor.testkit.MemoryFolder;
import athanor.testkit.Sample;
import athanor.testkit.TensorFile;
import athanor.torchfile.HostileTorchFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whole commands on every class of malformed file, with little memory: exit code 3 or 4, one
 * message, no stack trace, nothing left behind, soon.
 */
@Tag("hostile")
class HostileCommandsTest {
  /** Asked of an idle machine; the test allows for a busy one. */
  private static final Duration SOON = Duration.ofSeconds(2);

  private static final int BUSY_MACHINE = 5;
  private static final String TO_Q =
      "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q";

  @TempDir(factory = MemoryFolder.class)
  private Path folder;

  private String base;
  private String lora;

  @BeforeEach
  void writeSoundFiles() {
    Gen gen = Gen.fixed(5);
    base =
        new TensorFile()
            .random(Sample.sd1(DType.F16), 0.05, gen)
            .write(folder.resolve("base.safetensors"))
            .toString();
    lora =
        Sample.pair(new TensorFile(), TO_Q, 320, 4, 320, DType.F16, gen)
            .write(folder.resolve("lora.safetensors"))
            .toString();
  }

  @Test
  void refuseBrokenSafetensors() throws IOException {
    assertRefused(
        Boolean.getBoolean("reliability")
            ? HostileSafetensors.refused()
            : HostileSafetensors.oneOfEveryRow(),
        ".safetensors");
  }

  @Test
  void refuseBrokenTorchFiles() throws IOException {
    assertRefused(HostileTorchFiles.refused(), ".ckpt");
  }

  @Test
  void refuseWhatIsNoModel() throws IOException {
    assertRefused(otherFiles(), ".safetensors");
  }

  @Test
  void refuseBrokenIndexes() throws IOException {
    Map<String, byte[]> files = new LinkedHashMap<>();
    List<byte[]> seeds = HostileSafetensors.indexSeeds();
    for (int i = 0; i < seeds.size(); i++) {
      files.put("index " + i, seeds.get(i));
    }
    assertRefused(files, ".safetensors.index.json");
  }

  private static Map<String, byte[]> otherFiles() {
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("empty", new byte[0]);
    files.put("zeros", new byte[10_000]);
    files.put("noise", Gen.fixed(9).bytes(5000));
    files.put("html", text("<!doctype html><title>Log in</title>"));
    files.put("json error", text("{\"error\":\"Unauthorized\"}"));
    files.put("deep json", text("[".repeat(200_000)));
    files.put("lfs", text("version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 7\n"));
    files.put("xml", text("<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>"));
    files.put("terminal codes", text("\u001b]0;owned\u0007\u001b[2J hello"));
    files.put("gguf", HexFormat.of().parseHex("47475546030000000000000000000000"));
    files.put("png", HexFormat.of().parseHex("89504e470d0a1a0a0000000d49484452"));
    files.put("program", HexFormat.of().parseHex("7f454c4602010100000000"));
    files.put("pickle", HexFormat.of().parseHex("80049500000000000000007d942e"));
    return files;
  }

  private static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private void assertRefused(Map<String, byte[]> files, String extension) throws IOException {
    Path file = folder.resolve("hostile" + extension);
    String out = folder.resolve("out.safetensors").toString();
    for (Map.Entry<String, byte[]> hostile : files.entrySet()) {
      Files.deleteIfExists(file);
      Files.write(file, hostile.getValue());
      String name = file.toString();
      String what = hostile.getKey();
      assertRefused(what + " as LoRA", "merge", "--base", base, name, "--out", out);
      assertRefused(what + " as base", "merge", "--base", name, lora, "--out", out);
      assertRefused(what + ", checked", "check", "--base", base, name);
      assertSpeaks(what + ", inspected", run(what, "inspect", name));
      assertThat(file).as(what).hasBinaryContent(hostile.getValue());
      assertThat(names())
          .containsOnly("base.safetensors", "lora.safetensors", "hostile" + extension);
    }
    System.out.println(files.size() + " hostile files *" + extension + ", 4 commands each");
  }

  private void assertRefused(String what, String... arguments) {
    CommandLineRun run = run(what, arguments);
    if (arguments[0].equals("merge")) {
      assertThat(run.err().lines().filter(line -> line.startsWith("athanor: "))).hasSize(1);
    }
    assertThat(run.code()).as(what + ": " + run.err()).isIn(3, 4);
    assertSpeaks(what, run);
  }

  /** No stack trace, no sign of a defect, no control character, not more than a screen. */
  private static void assertSpeaks(String what, CommandLineRun run) {
    assertThat(run.code()).as(what + ": " + run.err()).isIn(0, 3, 4);
    String text = run.out() + run.err();
    assertThat(text).as(what).isNotBlank().doesNotContain("\tat ", "defect", "Exception", "\u001b");
    assertThat(text.length()).as(what + ": " + text).isLessThan(4000);
  }

  private CommandLineRun run(String what, String... arguments) {
    long start = System.nanoTime();
    CommandLineRun run = CommandLineRun.of((out, err) -> new Main(out, err).run(arguments));
    assertThat(Duration.ofNanos(System.nanoTime() - start))
        .as(what)
        .isLessThan(SOON.multipliedBy(BUSY_MACHINE));
    return run;
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(path -> path.getFileName().toString()).toList();
    }
  }
}
