package athanor.safetensors;

import athanor.error.AthanorException;
import athanor.error.PrintableText;
import athanor.file.OutputTarget;
import athanor.safetensors.OddFiles.OddFile;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import athanor.testkit.Gen;
import java.io.IOException;
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
import java.util.Map;
import java.util.StringJoiner;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Our side of {@code conformance/safetensors}: reads and rewrites the files of the reference
 * implementation, writes files for it to read, and gives its verdicts on the odd files.
 */
public final class ConformanceFiles {
  private static final List<DType> NUMPY =
      List.of(
          DType.U8, DType.I8, DType.I16, DType.U16, DType.F16, DType.I32, DType.U32, DType.F32,
          DType.C64, DType.F64, DType.I64, DType.U64);

  private final Path folder;

  private ConformanceFiles(Path folder) {
    this.folder = folder;
  }

  /** Works in the folder that the argument names. */
  public static void main(String[] args) throws IOException {
    var files = new ConformanceFiles(Path.of(args[0]));
    files.rewriteReferenceFiles();
    files.writeOwnFiles();
    files.judgeOddFiles();
  }

  private void rewriteReferenceFiles() throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve("reference"))) {
      for (Path path : files.sorted().toList()) {
        try (SafetensorsFile file = SafetensorsFile.open(path)) {
          var tensors = new ArrayList<InMemoryTensor>();
          for (TensorInfo info : file.tensors()) {
            byte[] values = new byte[(int) info.byteSize()];
            file.read(info, 0, MemorySegment.ofArray(values));
            tensors.add(InMemoryTensor.of(info, values));
          }
          write("rewritten", path.getFileName().toString(), tensors, file.metadata());
        }
      }
    }
  }

  private void writeOwnFiles() throws IOException {
    Gen gen = Gen.fixed(2);
    write("ours", "all-dtypes.safetensors", random(gen, Arrays.asList(DType.values())), Map.of());
    write("ours", "numpy-dtypes.safetensors", random(gen, NUMPY), Map.of());
    write("ours", "nothing.safetensors", List.of(), Map.of("a\u0000", "é\"\\"));
    var named = new ArrayList<InMemoryTensor>();
    for (String name :
        List.of("", "\"\\/", "\u0000\u001f\u007f", "\u2028", "\uffff", "\ud83d\ude00")) {
      named.add(tensor(gen, name, DType.F16, 2));
    }
    write("ours", "numpy-names.safetensors", named, Map.of());
  }

  private static List<InMemoryTensor> random(Gen gen, List<DType> dtypes) {
    var tensors = new ArrayList<InMemoryTensor>();
    for (DType dtype : dtypes) {
      tensors.add(tensor(gen, dtype + ".matrix", dtype, 3, 4));
      tensors.add(tensor(gen, dtype + ".empty", dtype, 0, 4));
      tensors.add(tensor(gen, dtype + ".kernel", dtype, 2, 2, 1, 8));
    }
    return tensors;
  }

  private static InMemoryTensor tensor(Gen gen, String key, DType dtype, long... shape) {
    var info = new TensorInfo(key, dtype, Shape.of(shape));
    return InMemoryTensor.of(info, gen.bytes((int) info.byteSize()));
  }

  private void write(
      String subfolder, String name, List<InMemoryTensor> tensors, Map<String, String> metadata)
      throws IOException {
    Path path = folder.resolve(subfolder).resolve(name);
    SafetensorsWriter.write(OutputTarget.of(path, false), tensors, metadata);
    String table =
        tensors.stream().map(ConformanceFiles::line).sorted().collect(Collectors.joining("\n"));
    Files.writeString(path.resolveSibling(name.replace(".safetensors", ".tsv")), table);
  }

  private static String line(InMemoryTensor tensor) {
    var shape = new StringJoiner(",");
    for (long dim : tensor.info().shape().dims()) {
      shape.add(Long.toString(dim));
    }
    byte[] key = tensor.info().key().getBytes(StandardCharsets.UTF_8);
    return String.join(
        "\t",
        HexFormat.of().formatHex(key),
        tensor.info().dtype().name(),
        shape.toString(),
        sha256(tensor.values()));
  }

  private static String sha256(MemorySegment values) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(values.asByteBuffer());
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private void judgeOddFiles() throws IOException {
    var table = new StringBuilder();
    int number = 0;
    for (OddFile odd : OddFiles.all()) {
      String name = "%04d.safetensors".formatted(number++);
      Path path = Files.write(folder.resolve("odd").resolve(name), odd.bytes());
      String what = PrintableText.of(odd.what(), 60);
      table.append(String.join("\t", name, odd.id(), what, verdict(path))).append('\n');
    }
    Files.writeString(folder.resolve("odd.tsv"), table);
  }

  private static String verdict(Path path) {
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      return "accepted";
    } catch (AthanorException e) {
      return HeaderFlaw.of(e).map(HeaderFlaw::name).orElseThrow(() -> e);
    }
  }
}
