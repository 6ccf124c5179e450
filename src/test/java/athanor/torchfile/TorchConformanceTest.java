package athanor.torchfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import athanor.error.AthanorException;
import athanor.file.InputFile;
import athanor.file.OutputFile;
import athanor.file.OutputTarget;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import athanor.testkit.Gen;
import athanor.torchfile.pickle.TorchType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of real PyTorch read here, and files written here loaded there, bit by bit. */
@Tag("reference")
class TorchConformanceTest {
  private static final Path SCRIPT = Path.of("conformance", "torch", "torch_files.py");
  private static final boolean LARGE = Boolean.getBoolean("athanor.conformance.large");
  private static final int BLOCK = 1 << 20;

  @TempDir Path folder;

  @BeforeAll
  static void needsPyTorch() throws Exception {
    boolean there = run("-c", "import torch").isPresent();
    if (!there) {
      System.out.println("SKIPPED: " + python() + " has no torch; see conformance/torch/README.md");
    }
    assumeTrue(there, python() + " has no torch");
  }

  @Test
  void readsWhatPyTorchWrites() throws Exception {
    var args = new ArrayList<>(List.of(SCRIPT.toString(), "write", folder.toString()));
    if (LARGE) {
      args.add("--large");
    }
    System.out.print(run(args.toArray(String[]::new)).orElseThrow());
    int files = 0;
    for (Path path : files(".pt", ".ckpt", ".bin")) {
      try (InputFile file = InputFile.open(path)) {
        if (file.name().startsWith("refused-")) {
          assertThatThrownBy(() -> open(file)).as(file.name()).isInstanceOf(AthanorException.class);
          System.out.println(refusal(file));
        } else {
          TorchFile torch = open(file);
          assertThat(manifest(torch))
              .as(file.name())
              .isEqualTo(Files.readString(folder.resolve(file.name() + ".manifest")));
          assertThat(torch.notes().dangerousNames()).isEmpty();
          files++;
        }
      }
    }
    System.out.println(files + " files of PyTorch are read equal");
    assertThat(files).isGreaterThan(15);
  }

  private static TorchFile open(InputFile file) {
    boolean archive = file.readBytes(0, 2)[0] == 'P';
    return archive ? TorchZipFile.open(file) : TorchLegacyFile.open(file);
  }

  private static String refusal(InputFile file) {
    try {
      open(file);
      return "not refused";
    } catch (AthanorException e) {
      return e.getMessage();
    }
  }

  @Test
  void pyTorchLoadsWhatIsWrittenHere() throws Exception {
    Gen gen = Gen.fixed(3);
    List<TensorInfo> tensors = new ArrayList<>();
    for (TorchType type : TorchType.values()) {
      if (type.dtype().isPresent()) {
        tensors.add(new TensorInfo("t." + type, type.dtype().get(), Shape.of(3, 5, 4)));
      }
    }
    tensors.add(new TensorInfo("scalar", DType.F32, Shape.of()));
    tensors.add(new TensorInfo("none", DType.F16, Shape.of(0)));
    tensors.add(new TensorInfo("ключ 😀", DType.BF16, Shape.of(1, 2, 3, 4, 300)));
    for (int i = 0; i < 2100; i++) {
      tensors.add(new TensorInfo("model.layer." + i + ".weight", DType.F16, Shape.of(2, 300)));
    }
    Path model = write("model.ckpt", TorchLayout.stateDict(tensors), gen);
    Path lora = write("lora.pt", TorchLayout.bare(tensors), gen);
    System.out.print(
        run(SCRIPT.toString(), "check", model.toString(), lora.toString()).orElseThrow());
  }

  @Test
  void pyTorchLoadsMoreThanFourGigabytes() throws Exception {
    assumeTrue(LARGE, "-Dathanor.conformance.large=true is not set");
    List<TensorInfo> tensors =
        List.of(
            new TensorInfo("large", DType.F32, Shape.of(1_100_000_000L)),
            new TensorInfo("small", DType.F32, Shape.of(7)));
    Path path = write("large.ckpt", TorchLayout.stateDict(tensors), Gen.fixed(4));
    System.out.print(run(SCRIPT.toString(), "check", path.toString()).orElseThrow());
  }

  private Path write(String name, TorchLayout layout, Gen gen) throws Exception {
    Path path = folder.resolve(name);
    int[] crc32 = new int[layout.tensors().size()];
    try (OutputFile output = OutputTarget.of(path, true).open()) {
      for (int i = 0; i < crc32.length; i++) {
        long size = layout.tensors().get(i).byteSize();
        var crc = new CRC32();
        for (long done = 0; done < size; done += BLOCK) {
          int count = (int) Math.min(BLOCK, size - done);
          byte[] values = values(layout.tensors().get(i).dtype(), gen, count);
          output.write(layout.position(i) + done, MemorySegment.ofArray(values));
          crc.update(values);
        }
        crc32[i] = (int) crc.getValue();
      }
      layout.writeFrame(output, crc32);
      output.finish(layout.size());
    }
    try (InputFile file = InputFile.open(path);
        TorchZipFile torch = TorchZipFile.open(file)) {
      Files.writeString(folder.resolve(name + ".manifest"), manifest(torch));
    }
    return path;
  }

  private static byte[] values(DType dtype, Gen gen, int count) {
    byte[] values = gen.bytes(count);
    if (dtype == DType.BOOL) {
      for (int i = 0; i < count; i++) {
        values[i] &= 1;
      }
    }
    return values;
  }

  private static int crc32(byte[] bytes) {
    var crc32 = new CRC32();
    crc32.update(bytes);
    return (int) crc32.getValue();
  }

  private static String manifest(TorchFile file) {
    var lines = new TreeSet<String>();
    for (TensorInfo tensor : file.tensors()) {
      long[] dims = tensor.shape().dims();
      if (tensor.dtype() == DType.F4) {
        dims[dims.length - 1] /= 2;
      }
      lines.add(
          String.join(
              "\t",
              HexFormat.of().formatHex(tensor.key().getBytes(StandardCharsets.UTF_8)),
              TorchType.of(tensor.dtype()).orElseThrow().torchName(),
              Arrays.stream(dims).mapToObj(Long::toString).collect(Collectors.joining("x")),
              sha256(file, tensor)));
    }
    return lines.stream().map(line -> line + "\n").collect(Collectors.joining());
  }

  private static String sha256(TorchFile file, TensorInfo tensor) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] block = new byte[BLOCK];
      for (long done = 0; done < tensor.byteSize(); done += BLOCK) {
        int count = (int) Math.min(BLOCK, tensor.byteSize() - done);
        file.read(tensor, done, MemorySegment.ofArray(block).asSlice(0, count));
        digest.update(block, 0, count);
      }
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private List<Path> files(String... extensions) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(path -> Arrays.stream(extensions).anyMatch(path.toString()::endsWith))
          .sorted()
          .toList();
    }
  }

  private static String python() {
    return Optional.ofNullable(System.getenv("ATHANOR_PYTHON")).orElse("python3");
  }

  /** The output of Python, or empty if it failed; then its messages are printed. */
  private static Optional<String> run(String... args) throws InterruptedException {
    try {
      var command = new ArrayList<>(List.of(python()));
      command.addAll(List.of(args));
      Path messages = Files.createTempFile("athanor", ".log");
      Process process = new ProcessBuilder(command).redirectError(messages.toFile()).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      boolean good = process.waitFor() == 0;
      if (!good) {
        System.out.println(Files.readString(messages));
      }
      Files.delete(messages);
      return good ? Optional.of(output) : Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
