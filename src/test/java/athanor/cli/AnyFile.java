package athanor.cli;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.tensor.DType;
import athanor.tensor.TensorInfo;
import athanor.testkit.CommandLineRun;
import athanor.testkit.DescribedFile;
import athanor.testkit.Gen;
import athanor.testkit.MemoryFolder;
import athanor.testkit.Sample;
import athanor.testkit.TensorFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Whole commands on files with any keys, types and shapes: each ends soon, and not in a defect. The
 * files are described by texts ({@link DescribedFile}).
 */
final class AnyFile {
  private static final Duration MOST_CPU = Duration.ofSeconds(5);
  private static final int MOST_VALUE_BYTES = 4 << 20;
  private static final com.sun.management.OperatingSystemMXBean SYSTEM =
      ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class);

  /** Exit codes of an answer or a refusal. */
  private static final List<Integer> PROPER = List.of(0, 2, 3, 4, 6, 7);

  private final String file;
  private final String tuned;
  private final String base;
  private final String lora;
  private final Path folder;

  private AnyFile(Path folder) {
    this.folder = folder;
    file = folder.resolve("any.safetensors").toString();
    tuned = folder.resolve("tuned.safetensors").toString();
    base =
        new TensorFile()
            .random(Sample.sd1(DType.F16), 0.05, Gen.fixed(5))
            .write(folder.resolve("base.safetensors"))
            .toString();
    lora = folder.resolve("lora.safetensors").toString();
    write(lora, LORA, (byte) 0x2c);
  }

  /** A folder in memory with sound files beside; removed when the process ends. */
  static AnyFile create() {
    try {
      Path folder = MemoryFolder.create();
      Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(folder)));
      return new AnyFile(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void remove(Path folder) {
    try (var files = Files.list(folder)) {
      for (Path path : files.toList()) {
        Files.deleteIfExists(path);
      }
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Converts it: to each type, and to a PyTorch file. */
  void convert(String text) {
    write(file, text, (byte) 0x2c, (byte) 0x2d);
    run(text, "convert", file, "--out", out("out.safetensors"), "--overwrite");
    for (String type : List.of("bf16", "fp16", "float", "fp8_e4m3")) {
      String target = out("out.safetensors");
      run(text, "convert", file, "--save_precision", type, "--out", target, "--overwrite");
    }
    run(text, "convert", file, "--out", out("out.ckpt"), "--overwrite");
    if (Files.exists(Path.of(out("out.ckpt")))) {
      String target = out("again.safetensors");
      run(text, "convert", out("out.ckpt"), "--out", target, "--overwrite");
    }
    removeOutputs();
  }

  /** Gives it other ranks, by fixed rank and by values. */
  void resize(String text) {
    write(file, text, (byte) 0x2c, (byte) 0x2d);
    String target = out("out.safetensors");
    run(text, "resize", file, "--rank", "2", "--out", target, "--overwrite");
    run(
        text,
        "resize",
        file,
        "--rank",
        "3",
        "--method",
        "sv_ratio",
        "--param",
        "2",
        "--out",
        target,
        "--overwrite");
    removeOutputs();
  }

  /** Takes the difference to a file with the same tensors and other values, and to a sound one. */
  void extract(String text) {
    write(file, text, (byte) 0x2c);
    write(tuned, text, (byte) 0x2c, (byte) 0x2d, (byte) 0x2b);
    String target = out("out.safetensors");
    run(
        text,
        "extract",
        "--base",
        file,
        "--tuned",
        tuned,
        "--rank",
        "2",
        "--out",
        target,
        "--overwrite");
    run(
        text,
        "extract",
        "--base",
        base,
        "--tuned",
        tuned,
        "--rank",
        "2",
        "--out",
        target,
        "--overwrite");
    removeOutputs();
  }

  /** Looks at it, checks it, merges it as base, as LoRA into a base and with another LoRA. */
  void merge(String text) {
    write(file, text, (byte) 0x2c, (byte) 0x2d);
    String target = out("out.safetensors");
    run(text, "inspect", file);
    run(text, "inspect", file, "--json");
    run(text, "check", "--base", base, file);
    run(text, "check", "--base", file, lora);
    run(text, "merge", "--base", base, file, "--out", target, "--overwrite");
    run(text, "merge", "--base", file, lora, "--out", target, "--overwrite");
    run(text, "merge", file, lora, "--out", target, "--overwrite");
    run(text, "card", file);
    removeOutputs();
  }

  private String out(String name) {
    return folder.resolve(name).toString();
  }

  private void removeOutputs() {
    for (String name : List.of("out.safetensors", "out.ckpt", "again.safetensors")) {
      try {
        Files.deleteIfExists(folder.resolve(name));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static void write(String path, String text, byte... values) {
    try {
      Files.deleteIfExists(Path.of(path));
      Files.write(Path.of(path), DescribedFile.of(text, MOST_VALUE_BYTES, values));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void run(String text, String... arguments) {
    long before = SYSTEM.getProcessCpuTime();
    CommandLineRun run = CommandLineRun.of((out, err) -> new Main(out, err).run(arguments));
    Duration cpu = Duration.ofNanos(SYSTEM.getProcessCpuTime() - before);
    String what = String.join(" ", arguments) + " of\n" + text + "\n" + run.err();
    assertThat(run.code()).as(what).isIn(PROPER);
    assertThat(cpu).as(what).isLessThan(MOST_CPU);
  }

  /** Descriptions to begin with: LoRAs of several kinds, a checkpoint. */
  static List<byte[]> seeds() {
    String checkpoint =
        Sample.sd1(DType.F8_E4M3).stream().map(AnyFile::line).collect(Collectors.joining("\n"));
    String module = "lora_unet_input_blocks_1_1_transformer_blocks_0_attn1_to_q";
    String conv = "lora_unet_input_blocks_0_0";
    return List.of(
            LORA,
            "F16 320,4 %1$s.lora_up.weight\nF16 4,320 %1$s.lora_down.weight\nF16  %1$s.alpha"
                .formatted(module),
            ("F16 320,4,1,1 %1$s.lora_up.weight\nF16 4,4,3,3 %1$s.lora_down.weight\n"
                    + "F32 4,4,3,3 %1$s.lora_mid.weight\nF32 1 %1$s.alpha")
                .formatted(conv),
            "F16 320,4,3,3 %1$s.diff\nF16 320 %1$s.diff_b".formatted(conv),
            "BF16 0,7 %1$s.lora_up.weight\nBF16 7,0 %1$s.lora_down.weight".formatted(module),
            "F32 0 a\nI64 3,4 b\nF64 2,2,2 c\nBOOL 7 d\nF8_E5M2 8 e\nF4 4 f",
            checkpoint,
            checkpoint + "\nF32 2147483647,0 extra\nF16 0,2147483647 more\nF32  one")
        .stream()
        .map(text -> text.getBytes(StandardCharsets.UTF_8))
        .toList();
  }

  private static String line(TensorInfo tensor) {
    String dims =
        Arrays.stream(tensor.shape().dims())
            .mapToObj(Long::toString)
            .collect(Collectors.joining(","));
    return tensor.dtype() + " " + dims + " " + tensor.key();
  }

  private static final String LORA =
      """
      F16 320,4 lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q.lora_up.weight
      F16 4,320 lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q.lora_down.weight
      F32  lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn1_to_q.alpha
      """;
}
