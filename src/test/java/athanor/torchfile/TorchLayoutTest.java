package athanor.torchfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.error.AthanorException;
import athanor.file.InputFile;
import athanor.file.OutputFile;
import athanor.file.OutputTarget;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import athanor.testkit.Gen;
import athanor.torchfile.pickle.StateDictPickle;
import athanor.torchfile.pickle.TorchType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TorchLayoutTest {
  private static final TensorInfo W = new TensorInfo("w", DType.F16, Shape.of(2, 3));

  /** 0 to 5 in float16. */
  private static final byte[] W_VALUES = HexFormat.of().parseHex("0000003c0040004200440045");

  @TempDir Path folder;

  @Test
  void picklesATensorAsPyTorchExpectsIt() {
    assertThat(StateDictPickle.of(List.of(W), true))
        .asHexString()
        .isEqualToIgnoringCase(
            "80027d580a00000073746174655f646963747d2858010000007763746f7263682e5f7574696c730a"
                + "5f72656275696c645f74656e736f725f76320a2828580700000073746f7261676563746f7263"
                + "680a48616c6653746f726167650a58010000003058030000006370754b0674514b004b024b03"
                + "864b034b01868963636f6c6c656374696f6e730a4f726465726564446963740a295274527573"
                + "2e");
  }

  @Test
  void writesTheGoldenFile() throws Exception {
    byte[] file = write(TorchLayout.stateDict(List.of(W)), List.of(W_VALUES));
    assertThat(file).hasSize(591);
    assertThat(HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(file)))
        .isEqualTo("ee907e872a7e8098b77231c667f24104c036573b6e046832da88561d4779b04f");
  }

  @Test
  void placesEveryTensorOnAMultipleOf64Bytes() {
    TorchLayout layout = TorchLayout.stateDict(sampleOfEveryType());
    for (int i = 0; i < layout.tensors().size(); i++) {
      assertThat(layout.position(i) % 64).isZero();
    }
  }

  @Test
  void readsBackWhatItWrote() throws IOException {
    List<TensorInfo> tensors = sampleOfEveryType();
    Gen gen = Gen.fixed(1);
    List<byte[]> values =
        tensors.stream().map(t -> gen.bytes(Math.toIntExact(t.byteSize()))).toList();
    write(TorchLayout.stateDict(tensors), values);
    try (TorchFile file = TorchZipFile.open(InputFile.open(folder.resolve("out.ckpt")))) {
      assertThat(file.tensors()).containsExactlyElementsOf(tensors);
      assertThat(file.notes().stateDictPath()).containsExactly("state_dict");
      assertThat(file.notes().warnings()).isEmpty();
      for (int i = 0; i < tensors.size(); i++) {
        byte[] read = new byte[values.get(i).length];
        file.read(tensors.get(i), 0, MemorySegment.ofArray(read));
        assertThat(read).isEqualTo(values.get(i));
        assertThat(file.range(tensors.get(i))).isPresent();
      }
    }
  }

  @Test
  void writesABareDictForLoras() throws IOException {
    write(TorchLayout.bare(List.of(W)), List.of(W_VALUES));
    try (TorchFile file = TorchZipFile.open(InputFile.open(folder.resolve("out.ckpt")))) {
      assertThat(file.tensors()).containsExactly(W);
      assertThat(file.notes().stateDictPath()).isEmpty();
    }
  }

  @Test
  void isAnOrdinaryArchiveWithRightChecksums() throws IOException {
    write(TorchLayout.stateDict(List.of(W)), List.of(W_VALUES));
    Path path = folder.resolve("out.ckpt");
    var names = new ArrayList<String>();
    try (var in = new ZipInputStream(Files.newInputStream(path))) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        names.add(entry.getName());
        in.readAllBytes();
      }
    }
    assertThat(names).containsExactly("archive/data.pkl", "archive/data/0", "archive/version");
    try (var zip = new ZipFile(path.toFile())) {
      ZipEntry values = zip.getEntry("archive/data/0");
      assertThat(zip.getInputStream(values).readAllBytes()).isEqualTo(W_VALUES);
      assertThat((int) values.getCrc()).isEqualTo(crc32(W_VALUES));
    }
  }

  @Test
  void usesMoreThanOneBatchAndTheWideEndRecordForManyTensors() throws IOException {
    var tensors = new ArrayList<TensorInfo>();
    var values = new ArrayList<byte[]>();
    for (int i = 0; i < 70_000; i++) {
      tensors.add(new TensorInfo("k" + i, DType.U8, Shape.of(1)));
      values.add(new byte[] {(byte) i});
    }
    write(TorchLayout.stateDict(tensors), values);
    try (TorchFile file = TorchZipFile.open(InputFile.open(folder.resolve("out.ckpt")))) {
      assertThat(file.tensors().equals(tensors)).isTrue();
    }
  }

  @Test
  void keepsPlacesBeyondFourGigabytes() {
    var large = new TensorInfo("large", DType.F32, Shape.of(1_100_000_000L));
    TorchLayout layout = TorchLayout.stateDict(List.of(large, W));
    assertThat(layout.position(1)).isGreaterThan(4_400_000_000L);
    assertThat(layout.position(1) % 64).isZero();
    assertThat(layout.size()).isGreaterThan(layout.position(1) + W.byteSize());
  }

  @Test
  void refusesTypesThatPyTorchCannotHold() {
    for (DType dtype : new DType[] {DType.F6_E2M3, DType.F6_E3M2}) {
      var tensor = new TensorInfo("x.weight", dtype, Shape.of(4, 4));
      assertThatThrownBy(() -> TorchLayout.stateDict(List.of(tensor)))
          .isInstanceOf(AthanorException.class)
          .hasMessageContaining("x.weight")
          .hasMessageContaining(dtype.name());
    }
  }

  @Test
  void refusesHalfAByteAtTheEndOfARow() {
    var tensor = new TensorInfo("x", DType.F4, Shape.of(2, 3));
    assertThatThrownBy(() -> TorchLayout.stateDict(List.of(tensor)))
        .isInstanceOf(AthanorException.class)
        .hasMessageContaining("F4 [2, 3]");
  }

  @Test
  void refusesEqualKeys() {
    assertThatThrownBy(() -> TorchLayout.stateDict(List.of(W, W)))
        .isInstanceOf(AthanorException.class)
        .hasMessageContaining("same key");
  }

  @Test
  void refusesKeysThatAreNotUnicode() {
    var tensor = new TensorInfo("a\ud800", DType.F16, Shape.of(1));
    assertThatThrownBy(() -> TorchLayout.bare(List.of(tensor)))
        .isInstanceOf(AthanorException.class)
        .hasMessageContaining("Unicode");
  }

  private static List<TensorInfo> sampleOfEveryType() {
    var tensors = new ArrayList<TensorInfo>();
    for (DType dtype : DType.values()) {
      if (TorchType.of(dtype).isPresent()) {
        tensors.add(new TensorInfo("t." + dtype, dtype, Shape.of(3, 5, 2)));
      }
    }
    tensors.add(new TensorInfo("scalar", DType.F32, Shape.of()));
    tensors.add(new TensorInfo("none", DType.F32, Shape.of(0)));
    tensors.add(new TensorInfo("empty.in.the.middle", DType.F16, Shape.of(2, 0, 3)));
    tensors.add(new TensorInfo("wide", DType.U8, Shape.of(1, 70_000)));
    tensors.add(new TensorInfo("five", DType.I64, Shape.of(1, 2, 1, 2, 300)));
    tensors.add(new TensorInfo("ключ 😀", DType.BF16, Shape.of(7)));
    return tensors;
  }

  private byte[] write(TorchLayout layout, List<byte[]> values) throws IOException {
    Path path = folder.resolve("out.ckpt");
    try (OutputFile output = OutputTarget.of(path, true).open()) {
      int[] crc32 = new int[values.size()];
      for (int i = values.size() - 1; i >= 0; i--) {
        output.write(layout.position(i), MemorySegment.ofArray(values.get(i)));
        crc32[i] = crc32(values.get(i));
      }
      layout.writeFrame(output, crc32);
      output.finish(layout.size());
    }
    return Files.readAllBytes(path);
  }

  private static int crc32(byte[] bytes) {
    var crc32 = new CRC32();
    crc32.update(bytes);
    return (int) crc32.getValue();
  }
}
