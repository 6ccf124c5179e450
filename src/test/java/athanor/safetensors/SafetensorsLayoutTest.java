package athanor.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.error.AthanorException;
import athanor.file.OutputTarget;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsLayoutTest {
  @TempDir Path folder;

  @Test
  void writtenFileHasTheHashOfTheReferenceWriter() throws Exception {
    InMemoryTensor b = tensor("b", DType.F32, 2);
    b.values().set(SafetensorsFileTest.FLOAT, 0, 1f);
    b.values().set(SafetensorsFileTest.FLOAT, 4, 2f);
    InMemoryTensor w = tensor("w", DType.F16, 2, 3);
    for (int i = 0; i < 6; i++) {
      w.values().set(SafetensorsFileTest.SHORT, 2L * i, Float.floatToFloat16(i));
    }
    Path path = folder.resolve("golden.safetensors");
    long size =
        SafetensorsWriter.write(
            OutputTarget.of(path, false), List.of(w, b), Map.of("format", "pt"));
    byte[] bytes = Files.readAllBytes(path);
    assertThat(size).isEqualTo(172).isEqualTo(bytes.length);
    assertThat(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong()).isEqualTo(144);
    assertThat(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes)))
        .isEqualTo("dc37e0cd83b8b0604af5b53b39aedf40e00b275525bd6e603a3eb7e156a213da");
  }

  @Test
  void emptyFileHasSixteenBytesLikeTheReference() {
    var layout = SafetensorsLayout.inOrder(List.of(), Map.of());
    assertThat(layout.size()).isEqualTo(16);
    assertThat(header(layout)).isEqualTo("{}      ");
  }

  @Test
  void sortsByDtypeDescendingThenByUtf8Bytes() {
    var infos =
        List.of(
            info("b", DType.BOOL),
            info("\ud83d\ude00", DType.F16),
            info("\uffff", DType.F16),
            info("z", DType.BF16),
            info("a", DType.F16),
            info("a.b", DType.F16),
            info("i", DType.I64),
            info("u", DType.U64));
    assertThat(SafetensorsLayout.sorted(infos, Map.of()).tensors())
        .extracting(TensorInfo::key)
        .containsExactly("u", "i", "z", "a", "a.b", "\uffff", "\ud83d\ude00", "b");
  }

  @Test
  void keepsTheGivenOrderAndPacksWithoutHoles() {
    var layout =
        SafetensorsLayout.inOrder(
            List.of(info("z", DType.U8, 3), info("a", DType.F64, 1), info("e", DType.F32, 0)),
            Map.of());
    long start = layout.dataStart();
    assertThat(start % 8).isZero();
    assertThat(layout.position(0)).isEqualTo(start);
    assertThat(layout.position(1)).isEqualTo(start + 3);
    assertThat(layout.position(2)).isEqualTo(start + 11);
    assertThat(layout.size()).isEqualTo(start + 11);
    assertThat(header(layout))
        .startsWith(
            "{\"z\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,3]},"
                + "\"a\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[3,11]},"
                + "\"e\":{\"dtype\":\"F32\",\"shape\":[0],\"data_offsets\":[11,11]}}");
  }

  @Test
  void escapesOnlyWhatJsonDemands() {
    var layout =
        SafetensorsLayout.inOrder(
            List.of(), Map.of("k", "\"\\/\b\t\n\f\r\u0001\u001f\u007f\u2028é😀"));
    assertThat(header(layout).stripTrailing())
        .isEqualTo(
            "{\"__metadata__\":{\"k\":"
                + "\"\\\"\\\\/\\b\\t\\n\\f\\r\\u0001\\u001f\u007f\u2028é😀\"}}");
  }

  @Test
  void metadataComesFirstInTheOrderOfItsCodePoints() {
    var layout =
        SafetensorsLayout.inOrder(
            List.of(info("a", DType.U8)),
            Map.of("\ud83d\ude00", "3", "\uffff", "2", "b", "1", "", "0"));
    assertThat(header(layout))
        .startsWith(
            "{\"__metadata__\":{\"\":\"0\",\"b\":\"1\",\"\uffff\":\"2\",\"\ud83d\ude00\":\"3\"},\"a\":");
  }

  @Test
  void refusesTwoTensorsOfOneName() {
    assertRefused(List.of(info("a", DType.U8), info("a", DType.F32)), Map.of(), "same key");
  }

  @Test
  void refusesTheReservedName() {
    assertRefused(List.of(info("__metadata__", DType.U8)), Map.of(), "__metadata__");
  }

  @Test
  void refusesTextsThatUtf8CannotHold() {
    assertRefused(List.of(info("a\ud800", DType.U8)), Map.of(), "surrogate");
    assertRefused(List.of(), Map.of("a", "\udc00"), "surrogate");
  }

  @Test
  void refusesValuesThatDoNotFillBytes() {
    assertRefused(List.of(info("a", DType.F4, 3)), Map.of(), "cannot be stored");
  }

  @Test
  void refusesAHeaderBeyondTheLimitOfTheFormat() {
    assertRefused(List.of(), Map.of("a", "x".repeat(100_000_000)), "too long");
  }

  private static void assertRefused(
      List<TensorInfo> tensors, Map<String, String> metadata, String reason) {
    assertThatThrownBy(() -> SafetensorsLayout.inOrder(tensors, metadata))
        .isInstanceOf(AthanorException.class)
        .hasMessageContaining(reason);
  }

  private static String header(SafetensorsLayout layout) {
    byte[] frame = layout.frame();
    return new String(frame, 8, frame.length - 8, StandardCharsets.UTF_8);
  }

  static TensorInfo info(String key, DType dtype, long... shape) {
    return new TensorInfo(key, dtype, Shape.of(shape));
  }

  static InMemoryTensor tensor(String key, DType dtype, long... shape) {
    TensorInfo info = info(key, dtype, shape);
    return InMemoryTensor.of(info, new byte[(int) info.byteSize()]);
  }
}
