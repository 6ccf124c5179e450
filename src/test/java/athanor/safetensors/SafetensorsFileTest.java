package athanor.safetensors;

import static athanor.safetensors.SafetensorsBytes.file;
import static athanor.safetensors.SafetensorsBytes.one;
import static athanor.safetensors.SafetensorsBytes.tensor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import athanor.error.AthanorException;
import athanor.file.InputFile;
import athanor.file.OutputTarget;
import athanor.tensor.Container;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import athanor.testkit.Gen;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsFileTest {
  static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  @TempDir Path folder;

  @Test
  void describesAFile() throws Exception {
    byte[] bytes =
        file("{\"__metadata__\":{\"format\":\"pt\"},\"a\":" + tensor("F32", "[2]", 0, 8) + "}", 8);
    try (SafetensorsFile file = open(bytes)) {
      assertThat(file.name()).isEqualTo("test.safetensors");
      assertThat(file.container()).isEqualTo(Container.SAFETENSORS);
      assertThat(file.metadata()).containsExactly(Map.entry("format", "pt"));
      assertThat(file.tensors()).containsExactly(new TensorInfo("a", DType.F32, Shape.of(2)));
      assertThat(file.find("a")).isPresent();
      assertThat(file.find("b")).isEmpty();
      assertThat(file.dataStart()).isEqualTo(bytes.length - 8);
      assertThat(file.headerSha256())
          .isEqualTo(
              HexFormat.of()
                  .formatHex(
                      MessageDigest.getInstance("SHA-256")
                          .digest(Arrays.copyOf(bytes, bytes.length - 8))));
      var range = file.range(file.tensors().getFirst()).orElseThrow();
      assertThat(range.position()).isEqualTo(bytes.length - 8);
      assertThat(range.length()).isEqualTo(8);
      assertThat(file.files()).singleElement().isSameAs(range.file());
    }
  }

  @Test
  void listsTensorsInTheOrderOfTheirValues() throws IOException {
    String header =
        "{\"a\":%s,\"b\":%s,\"c\":%s}"
            .formatted(
                tensor("U8", "[1]", 5, 6), tensor("F32", "[1]", 0, 4), tensor("U8", "[1]", 4, 5));
    try (SafetensorsFile file = open(file(header, 6))) {
      assertThat(file.tensors()).extracting(TensorInfo::key).containsExactly("b", "c", "a");
    }
  }

  @Test
  void readsPiecesOfATensor() throws IOException {
    byte[] data = {1, 2, 3, 4, 5, 6, 7, 8};
    try (SafetensorsFile file = open(file(one(tensor("U8", "[8]", 0, 8)), data))) {
      TensorInfo a = file.tensors().getFirst();
      assertThat(read(file, a, 2, 3)).containsExactly(3, 4, 5);
      assertThat(read(file, a, 8, 0)).isEmpty();
      assertThatThrownBy(() -> read(file, a, 6, 3)).isInstanceOf(IndexOutOfBoundsException.class);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> read(file, a.withDType(DType.I8), 0, 1));
    }
  }

  @Test
  void notesFieldsItIgnores() throws IOException {
    String entry = "{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"extra\":{\"x\":[1]}}";
    try (SafetensorsFile file = open(file(one(entry), 1))) {
      assertThat(file.header().notes())
          .singleElement()
          .asString()
          .contains("ignored 1 header field");
    }
  }

  @Test
  void saysHowMuchOfAnIncompleteFileIsThere() {
    byte[] whole = file(one(tensor("U8", "[9000]", 0, 9000)), 9000);
    byte[] part = Arrays.copyOf(whole, whole.length - 4500);
    AthanorException failure =
        catchThrowableOfType(AthanorException.class, () -> open(part).close());
    assertThat(HeaderFlaw.of(failure)).contains(HeaderFlaw.INCOMPLETE);
    assertThat(failure)
        .hasMessageContaining(part.length + " bytes (50.")
        .hasMessageContaining("expected: " + whole.length + " bytes");
  }

  @Test
  void namesTensorAndByteOfAFlaw() {
    String header =
        "{\"é\":%s,\"style\":%s}"
            .formatted(tensor("F32", "[1]", 0, 4), tensor("F32", "[1]", 8, 12));
    int at =
        8
            + header
                .substring(0, header.indexOf("\"style\""))
                .getBytes(StandardCharsets.UTF_8)
                .length;
    assertThatThrownBy(() -> open(file(header, 12)))
        .hasMessage(
            "test.safetensors, style, byte "
                + at
                + ": the values do not follow each other without holes and overlaps:"
                + " found data_offsets [8, 12] (expected: a range that begins at 4)");
  }

  @Test
  void carriesAllTwentyTwoDtypes() throws IOException {
    var tensors = new ArrayList<InMemoryTensor>();
    Gen gen = Gen.fixed(22);
    for (DType dtype : DType.values()) {
      TensorInfo info = new TensorInfo("t_" + dtype, dtype, Shape.of(2, 4));
      tensors.add(InMemoryTensor.of(info, gen.bytes((int) info.byteSize())));
    }
    assertThat(tensors).hasSize(22);
    assertRoundTrip(tensors, Map.of(), folder.resolve("all.safetensors"));
  }

  @Test
  void whateverIsWrittenIsReadBackEqual() throws IOException {
    Gen gen = Gen.seeded("whateverIsWrittenIsReadBackEqual");
    for (int round = 0; round < 100; round++) {
      var tensors = new LinkedHashMap<String, InMemoryTensor>();
      for (int i = gen.between(0, 12); i > 0; i--) {
        InMemoryTensor tensor = randomTensor(gen);
        tensors.put(tensor.info().key(), tensor);
      }
      var metadata = new LinkedHashMap<String, String>();
      for (int i = gen.between(0, 4); i > 0; i--) {
        metadata.put(randomText(gen), randomText(gen));
      }
      assertRoundTrip(
          List.copyOf(tensors.values()), metadata, folder.resolve(round + ".safetensors"));
    }
  }

  private static InMemoryTensor randomTensor(Gen gen) {
    long[] dims = new long[gen.between(0, 4)];
    Arrays.setAll(dims, axis -> gen.between(0, 5) * (axis == 0 ? 4L : 1));
    DType dtype = gen.oneOf(DType.values());
    if (dims.length == 0 && dtype.bits() < 8) {
      dtype = DType.U8;
    }
    var info = new TensorInfo(randomText(gen), dtype, Shape.of(dims));
    return InMemoryTensor.of(info, gen.bytes((int) info.byteSize()));
  }

  private static String randomText(Gen gen) {
    var text = new StringBuilder();
    for (int i = gen.between(0, 9); i > 0; i--) {
      int limit = gen.oneOf(0x20, 0x80, 0x800, 0xd800, 0x10ffff);
      int codePoint = gen.between(0, limit);
      boolean surrogate = codePoint >= 0xd800 && codePoint < 0xe000;
      text.appendCodePoint(surrogate ? '"' : codePoint);
    }
    return text.toString();
  }

  private static void assertRoundTrip(
      List<InMemoryTensor> tensors, Map<String, String> metadata, Path path) throws IOException {
    SafetensorsWriter.write(OutputTarget.of(path, false), tensors, metadata);
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertThat(file.metadata()).isEqualTo(metadata);
      assertThat(file.dataStart() % 8).isZero();
      assertThat(file.tensors()).hasSameSizeAs(tensors);
      for (InMemoryTensor tensor : tensors) {
        assertThat(file.find(tensor.info().key())).contains(tensor.info());
        byte[] values = read(file, tensor.info(), 0, (int) tensor.info().byteSize());
        assertThat(MemorySegment.ofArray(values).mismatch(tensor.values())).isEqualTo(-1);
      }
    }
    Files.delete(path);
  }

  @Test
  void readsUnalignedFilesOfTheFirstWriters() throws IOException {
    String header =
        "{\"a\":%s,\"b\":%s}".formatted(tensor("F16", "[1]", 0, 2), tensor("I64", "[1]", 2, 10));
    header = header.length() % 2 == 0 ? header + " " : header;
    byte[] data = new byte[10];
    ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).putShort(0, (short) 7).putLong(2, 42);
    try (SafetensorsFile file = open(file(header, data))) {
      assertThat(file.dataStart() % 2).isOne();
      byte[] values = read(file, file.find("b").orElseThrow(), 0, 8);
      assertThat(ByteBuffer.wrap(values).order(ByteOrder.LITTLE_ENDIAN).getLong()).isEqualTo(42);
    }
  }

  @Test
  void readsTheWrongPaddingOfVersion030() throws IOException {
    String header = one(tensor("U8", "[1]", 0, 1));
    byte[] bytes = file(header + " ".repeat(header.length() % 8), new byte[] {9});
    try (SafetensorsFile file = open(bytes)) {
      assertThat(read(file, file.tensors().getFirst(), 0, 1)).containsExactly(9);
    }
  }

  @Test
  void readsSpacedAsciiHeadersPaddedTo256AsKohyaWritesThem() throws IOException {
    String header =
        "{\"__metadata__\": {\"ss_tag\": \"\\u00e9\"}, \"z\": {\"dtype\": \"F16\", \"shape\": [1],"
            + " \"data_offsets\": [0, 2]}, \"a\": {\"dtype\": \"F32\", \"shape\": [1],"
            + " \"data_offsets\": [2, 6]}}";
    header += " ".repeat(Math.floorMod(-(header.length() + 8), 256));
    try (SafetensorsFile file = open(file(header, 6))) {
      assertThat(file.dataStart() % 256).isZero();
      assertThat(file.metadata()).containsEntry("ss_tag", "é");
      assertThat(file.tensors()).extracting(TensorInfo::key).containsExactly("z", "a");
    }
  }

  @Test
  void refusesTrailingBytesOfOldWritersAndCountsThem() {
    byte[] bytes = file(one(tensor("U8", "[1]", 0, 1)), 6);
    assertThatThrownBy(() -> open(bytes)).hasMessageContaining("found 5 extra bytes");
  }

  @Test
  void readsTheLastElementOfATensorOfSixGibibytes() throws IOException {
    long elements = 3L << 30;
    byte[] head = file(one(tensor("F16", "[" + elements + "]", 0, 2 * elements)), 0);
    Path path = folder.resolve("sparse.safetensors");
    try (FileChannel channel =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.WRITE,
            StandardOpenOption.SPARSE)) {
      channel.write(ByteBuffer.wrap(head));
      channel.write(ByteBuffer.wrap(new byte[] {0x34, 0x12}), head.length + 2 * elements - 2);
    }
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      TensorInfo a = file.tensors().getFirst();
      assertThat(a.shape().elementCount()).isEqualTo(elements);
      assertThat(read(file, a, 2 * elements - 4, 4)).containsExactly(0, 0, 0x34, 0x12);
    }
    Files.delete(path);
  }

  @Test
  void refusesTooManyTensorsInASmallHeap() throws Exception {
    Path path = writeEmptyTensors(1_600_000);
    assertThat(Files.size(path)).isBetween(80_000_000L, 100_000_000L);
    assertThat(OpenInSmallHeap.outcome(path, "256m"))
        .startsWith("BAD_FILE")
        .contains("more than 1000000 tensors");
  }

  @Test
  void saysSoWhenAHugeHeaderNeedsMoreMemory() throws Exception {
    Path path = writeEmptyTensors(330_000);
    assertThat(OpenInSmallHeap.outcome(path, "64m")).startsWith("RESOURCES");
    assertThat(OpenInSmallHeap.outcome(path, "256m")).isEqualTo("opened 330000");
  }

  private Path writeEmptyTensors(int count) throws IOException {
    var header = new StringBuilder(56 * count).append('{');
    for (int i = 0; i < count; i++) {
      header
          .append(i == 0 ? "\"" : ",\"")
          .append(Integer.toString(i, 36))
          .append("\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}");
    }
    return write(file(header.append('}').toString(), 0));
  }

  @Test
  void readsFiftyMegabytesOfMetadata() throws Exception {
    String text = "x".repeat(50_000_000);
    Path path = write(file("{\"__metadata__\":{\"a\":\"" + text + "\"}}", 0));
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertThat(file.metadata().get("a")).hasSize(50_000_000);
    }
    assertThat(OpenInSmallHeap.outcome(path, "512m")).isEqualTo("opened 0");
    assertThat(OpenInSmallHeap.outcome(path, "256m")).startsWith("RESOURCES");
  }

  @Test
  void noticesAFileThatIsTruncatedWhileItIsRead() throws IOException {
    Path path = write(file(one(tensor("U8", "[4096]", 0, 4096)), 4096));
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      try (FileChannel other = FileChannel.open(path, StandardOpenOption.WRITE)) {
        other.truncate(2000);
      }
      assertThatThrownBy(() -> read(file, file.tensors().getFirst(), 0, 4096))
          .isInstanceOf(AthanorException.class)
          .hasMessageContaining("changed while it was read");
      assertThatThrownBy(() -> file.files().getFirst().verifyUnchanged())
          .isInstanceOf(AthanorException.class);
    }
  }

  @Test
  void noticesAFileThatGrowsWhileItIsRead() throws IOException {
    Path path = write(file(one(tensor("U8", "[8]", 0, 8)), 8));
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      Files.write(path, new byte[1], StandardOpenOption.APPEND);
      assertThatThrownBy(() -> file.files().getFirst().verifyUnchanged())
          .hasMessageContaining("changed while it was read");
    }
  }

  @Test
  void noticesAFileThatIsReplacedWhileItIsRead() throws IOException {
    byte[] bytes = file(one(tensor("U8", "[8]", 0, 8)), 8);
    Path path = write(bytes);
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      InputFile input = file.files().getFirst();
      input.verifyUnchanged();
      Path other = Files.write(folder.resolve("other"), bytes);
      Files.setLastModifiedTime(other, Files.getLastModifiedTime(path));
      Files.move(other, path, StandardCopyOption.ATOMIC_MOVE);
      assertThatThrownBy(input::verifyUnchanged).hasMessageContaining("changed while it was read");
      assertThat(read(file, file.tensors().getFirst(), 0, 8)).hasSize(8);
    }
  }

  @Test
  void refusesAFolderADanglingLinkALoopAndADeviceAtOnce() throws IOException {
    assertRefused(folder, "this is a folder");
    Path dangling = Files.createSymbolicLink(folder.resolve("dangling"), folder.resolve("nothing"));
    assertRefused(dangling, "this link points to a file that does not exist");
    Path loop = Files.createSymbolicLink(folder.resolve("loop"), folder.resolve("loop"));
    assertRefused(loop, "loop");
    assertRefused(Path.of("/dev/zero"), "not a regular file");
    assertRefused(folder.resolve("nothing"), "no such file");
  }

  @Test
  void refusesAPipeWithoutWaitingForIt() throws Exception {
    Path pipe = folder.resolve("pipe");
    int exit = new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor();
    Assumptions.assumeTrue(exit == 0);
    Assertions.assertTimeoutPreemptively(
        Duration.ofSeconds(2), () -> assertRefused(pipe, "not a regular file"));
  }

  @Test
  void refusesAFileItMayNotRead() throws IOException {
    Path path = write(file("{}", 0));
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("---------"));
    Assumptions.assumeFalse(Files.isReadable(path), "root reads everything");
    assertRefused(path, "no permission");
  }

  private static void assertRefused(Path path, String reason) {
    assertThatThrownBy(() -> SafetensorsFile.open(path))
        .isInstanceOf(AthanorException.class)
        .hasMessageContaining(reason);
  }

  private SafetensorsFile open(byte[] bytes) throws IOException {
    return SafetensorsFile.open(write(bytes));
  }

  private Path write(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("test.safetensors"), bytes);
  }

  private static byte[] read(SafetensorsFile file, TensorInfo tensor, long offset, int length) {
    byte[] bytes = new byte[length];
    file.read(tensor, offset, MemorySegment.ofArray(bytes));
    return bytes;
  }
}
