package athanor.format;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.file.InputFile;
import athanor.file.OutputTarget;
import athanor.progress.Progress;
import athanor.safetensors.InMemoryTensor;
import athanor.safetensors.SafetensorsFile;
import athanor.safetensors.SafetensorsWriter;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import athanor.testkit.Gen;
import athanor.testkit.Golden;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelHashTest {
  private static final String GOLDEN =
      "2d7b1b14f6ee3d6246417b9eb23537ae35c873d2b33f9ecf492ddb96a7526857";
  private static final String NOTHING = "e3b0c442";

  @TempDir Path folder;

  @Test
  void equalsTheHashOfKohyasScripts() throws IOException {
    ModelHash hash = ModelHash.of(lora(), Map.of("ss_v2", "False", "modelspec.title", "x"));
    assertThat(hash).isEqualTo(new ModelHash(GOLDEN, NOTHING));
    Path path = folder.resolve("lora.safetensors");
    assertThat(
            SafetensorsWriter.write(OutputTarget.of(path, false), lora(), Map.of("ss_v2", "False")))
        .isEqualTo(612);
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertThat(file.header().length()).isEqualTo(512);
      assertThat(ModelHash.of(file)).isEqualTo(hash);
    }
    try (InputFile file = InputFile.open(path)) {
      FileHashes hashes = FileHashes.of(file, Progress.NONE);
      assertThat(hashes.autoV3()).isEqualTo(GOLDEN);
      assertThat(hashes.autoV1()).isEqualTo(NOTHING);
    }
  }

  private static List<InMemoryTensor> lora() {
    return List.of(
        half("lora_unet_b.lora_up.weight", Golden.g(5, 2, 12), 6, 2),
        half("lora_unet_b.lora_down.weight", Golden.g(7, 3, 8), 2, 4),
        tensor("lora_unet_b.alpha", DType.F32, new byte[] {0, 0, (byte) 0x80, 0x3f}),
        brain("lora_unet_a.lora_up.weight", Golden.g(5, 2, 12), 6, 2),
        brain("lora_unet_a.lora_down.weight", Golden.g(7, 3, 8), 2, 4),
        tensor("lora_unet_a.alpha", DType.I64, new byte[] {2, 0, 0, 0, 0, 0, 0, 0}));
  }

  @Test
  void legacyHashCoversTheSecondMebibyteOfTheSerialisation() throws Exception {
    byte[] values = Gen.fixed(7).bytes(3 << 20);
    var tensors = List.of(tensor("a", DType.U8, values, values.length));
    Path path = folder.resolve("large.safetensors");
    SafetensorsWriter.write(OutputTarget.of(path, false), tensors, Map.of("ss_x", "1"));
    byte[] file = Files.readAllBytes(path);
    String expected = sha256(Arrays.copyOfRange(file, 0x100000, 0x110000)).substring(0, 8);
    assertThat(ModelHash.of(tensors, Map.of("ss_x", "1", "other", "ignored")).legacy())
        .isEqualTo(expected);
  }

  @Test
  void legacyHashWithoutTrainingDataHasEmptyMetadata() throws Exception {
    byte[] values = Gen.fixed(7).bytes(2 << 20);
    var tensors = List.of(tensor("a", DType.U8, values, values.length));
    String header =
        "{\"__metadata__\":{},\"a\":{\"dtype\":\"U8\",\"shape\":[2097152],"
            + "\"data_offsets\":[0,2097152]}}";
    int begin = 8 + (header.length() + 7) / 8 * 8;
    byte[] covered = Arrays.copyOfRange(values, 0x100000 - begin, 0x110000 - begin);
    assertThat(ModelHash.of(tensors, Map.of()).legacy()).isEqualTo(sha256(covered).substring(0, 8));
  }

  @Test
  void hashesAFileInOnePass() throws Exception {
    byte[] values = Gen.fixed(8).bytes(9_000_001);
    byte[] file = new byte[8 + 16 + values.length];
    file[0] = 16;
    System.arraycopy(values, 0, file, 24, values.length);
    var advanced = new AtomicLong();
    FileHashes hashes = hashes(file, counting(advanced));
    assertThat(hashes.sha256()).isEqualTo(sha256(file));
    assertThat(hashes.autoV1())
        .isEqualTo(sha256(Arrays.copyOfRange(file, 0x100000, 0x110000)).substring(0, 8));
    assertThat(hashes.autoV2()).isEqualTo(sha256(file).substring(0, 10));
    assertThat(hashes.autoV3()).isEqualTo(sha256(values));
    assertThat(advanced).hasValue(file.length);
  }

  @Test
  void autoV3OfForeignFilesBeginsAtByteEightOrIsTheHashOfNothing() throws Exception {
    byte[] foreign = Gen.fixed(9).bytes(5000);
    foreign[7] = -1;
    assertThat(hashes(foreign, Progress.NONE).autoV3())
        .isEqualTo(sha256(Arrays.copyOfRange(foreign, 8, 5000)));
    Arrays.fill(foreign, 0, 8, (byte) 0);
    foreign[2] = 1;
    assertThat(hashes(foreign, Progress.NONE).autoV3()).startsWith(NOTHING);
    assertThat(hashes(new byte[3], Progress.NONE).autoV3()).startsWith(NOTHING);
    assertThat(hashes(new byte[0], Progress.NONE).sha256()).startsWith(NOTHING);
  }

  private FileHashes hashes(byte[] bytes, Progress progress) throws IOException {
    try (InputFile file = InputFile.open(Files.write(folder.resolve("any"), bytes))) {
      return FileHashes.of(file, progress);
    }
  }

  private static Progress counting(AtomicLong bytes) {
    return new Progress() {
      @Override
      public void begin(String activity, long totalBytes, int totalItems) {}

      @Override
      public void advance(long count, int items) {
        bytes.addAndGet(count);
      }

      @Override
      public void end() {}
    };
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  private static InMemoryTensor half(String key, float[] values, long... shape) {
    ByteBuffer bytes = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putShort(Float.floatToFloat16(value));
    }
    return tensor(key, DType.F16, bytes.array(), shape);
  }

  /** The golden values are exact in bfloat16, so cutting off the lower half is exact. */
  private static InMemoryTensor brain(String key, float[] values, long... shape) {
    ByteBuffer bytes = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    for (float value : values) {
      bytes.putShort((short) (Float.floatToRawIntBits(value) >>> 16));
    }
    return tensor(key, DType.BF16, bytes.array(), shape);
  }

  private static InMemoryTensor tensor(String key, DType dtype, byte[] values, long... shape) {
    return InMemoryTensor.of(new TensorInfo(key, dtype, Shape.of(shape)), values);
  }
}
