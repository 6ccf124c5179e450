package athanor.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.file.OutputFile;
import athanor.file.OutputTarget;
import athanor.tensor.Container;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.tensor.StateDict;
import athanor.tensor.TensorInfo;
import athanor.torchfile.TorchLayout;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateDictsTest {
  @TempDir Path folder;

  @Test
  void opensSafetensorsWhateverItsName() throws IOException {
    var notes = new ArrayList<String>();
    for (String name : List.of("a.safetensors", "a.ckpt", "noname")) {
      Path path = Files.write(folder.resolve(name), FileDiagnosisTest.safetensors(1000));
      try (StateDict opened = StateDicts.open(path, notes::add)) {
        assertThat(opened.container()).isEqualTo(Container.SAFETENSORS);
        assertThat(opened.tensors()).hasSize(1);
      }
    }
    assertThat(notes)
        .containsExactly(
            "a.ckpt: the name says .ckpt, but this is a safetensors file; it is read as such");
  }

  @Test
  void opensAShardIndexAndPointsFromAPieceToIt() throws IOException {
    Path piece = folder.resolve("m-00001-of-00001.safetensors");
    Files.write(piece, FileDiagnosisTest.safetensors(1000));
    Path index =
        Files.writeString(
            folder.resolve("m.safetensors.index.json"),
            "{\"weight_map\":{\"a\":\"m-00001-of-00001.safetensors\"}}");
    try (StateDict opened = StateDicts.open(index)) {
      assertThat(opened.container()).isEqualTo(Container.SHARDED_SAFETENSORS);
    }
    var notes = new ArrayList<String>();
    StateDicts.open(piece, notes::add).close();
    assertThat(notes).singleElement().asString().contains("give m.safetensors.index.json");
  }

  @Test
  void notesZerosAtTheEndOfALargeFile() throws IOException {
    int size = 2 << 20;
    String header =
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":[0,%d]}}".formatted(size, size);
    byte[] file = new byte[8 + header.length() + size];
    file[0] = (byte) header.length();
    System.arraycopy(
        header.getBytes(java.nio.charset.StandardCharsets.US_ASCII), 0, file, 8, header.length());
    var notes = new ArrayList<String>();
    StateDicts.open(Files.write(folder.resolve("z.safetensors"), file), notes::add).close();
    assertThat(notes).singleElement().asString().contains("are zeros");
  }

  @Test
  void saysWhatAFileReallyIs() throws IOException {
    AthanorException failure = failure("<!DOCTYPE html><title>Sign in</title>");
    assertThat(failure.problem().kind()).isEqualTo(Kind.BAD_FILE);
    assertThat(failure).hasMessageStartingWith("m.safetensors: this is a web page: Sign in");
    assertThat(failure.problem().help()).get().asString().contains("log in");
  }

  @Test
  void saysHowMuchOfADownloadIsThere() throws IOException {
    Path path = Files.write(folder.resolve("m.safetensors"), FileDiagnosisTest.safetensors(500));
    assertThatThrownBy(() -> StateDicts.open(path)).hasMessageContaining("the file is incomplete");
  }

  @Test
  void refusesAFolder() {
    assertThatThrownBy(() -> StateDicts.open(folder))
        .isInstanceOf(AthanorException.class)
        .hasMessageContaining("this is a folder");
  }

  @Test
  void opensAPyTorchCheckpointWhateverItsName() throws IOException {
    Path path = folder.resolve("m.safetensors");
    writeTorch(path, new TensorInfo("w", DType.U8, Shape.of(3)), new byte[] {1, 2, 3});
    var notes = new ArrayList<String>();
    try (StateDict opened = StateDicts.open(path, notes::add)) {
      assertThat(opened.container()).isEqualTo(Container.TORCH_ZIP);
      byte[] values = new byte[3];
      opened.read(opened.find("w").orElseThrow(), 0, MemorySegment.ofArray(values));
      assertThat(values).containsExactly(1, 2, 3);
    }
    assertThat(notes.getFirst())
        .isEqualTo(
            "m.safetensors: the name says .safetensors, but this is a PyTorch checkpoint;"
                + " it is read as such");
  }

  private static void writeTorch(Path path, TensorInfo info, byte[] values) {
    var layout = TorchLayout.stateDict(List.of(info));
    var crc = new CRC32();
    crc.update(values);
    try (OutputFile output = OutputTarget.of(path, false).open()) {
      output.write(layout.position(0), MemorySegment.ofArray(values));
      layout.writeFrame(output, new int[] {(int) crc.getValue()});
      output.finish(layout.size());
    }
  }

  private AthanorException failure(String content) throws IOException {
    Path path = Files.writeString(folder.resolve("m.safetensors"), content);
    return catchThrowableOfType(AthanorException.class, () -> StateDicts.open(path));
  }
}
