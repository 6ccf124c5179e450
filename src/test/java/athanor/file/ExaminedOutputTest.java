package athanor.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.error.Kind;
import athanor.error.Problem;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Outputs that are examined before they get their name, or never get one. */
class ExaminedOutputTest {
  @TempDir Path folder;

  private void write(OutputTarget target, byte... bytes) {
    try (OutputFile output = target.open()) {
      output.write(0, ByteBuffer.wrap(bytes));
      output.finish(bytes.length);
    }
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  @Test
  void theExaminationSeesTheCompleteFileBeforeItHasItsName() throws IOException {
    Path path = folder.resolve("x");
    List<byte[]> seen = new ArrayList<>();
    OutputTarget target =
        OutputTarget.of(path, false)
            .examined(made -> {
              assertThat(path).doesNotExist();
              seen.add(read(made));
            })
            .hashed();
    write(target, (byte) 1, (byte) 2);
    assertThat(seen).containsExactly(new byte[] {1, 2});
    assertThat(names()).containsExactly("x");
  }

  @Test
  void whatTheExaminationRefusesLeavesTheOldFile() throws IOException {
    Path path = Files.write(folder.resolve("x"), new byte[] {9});
    OutputTarget target =
        OutputTarget.of(path, true)
            .examined(made -> {
              throw Problem.of(Kind.VERIFICATION, "not good enough").toException();
            });
    assertThatThrownBy(() -> write(target, (byte) 1)).hasMessageContaining("not good enough");
    assertThat(names()).containsExactly("x");
    assertThat(Files.readAllBytes(path)).containsExactly(9);
  }

  @Test
  void aDiscardedOutputIsExaminedAndLeavesNothing() throws IOException {
    Path path = Files.write(folder.resolve("x"), new byte[] {9});
    List<byte[]> seen = new ArrayList<>();
    OutputTarget target =
        OutputTarget.of(path, true).discarded().examined(made -> seen.add(read(made)));
    write(target, (byte) 1);
    assertThat(seen).hasSize(1);
    assertThat(names()).containsExactly("x");
    assertThat(Files.readAllBytes(path)).containsExactly(9);
  }

  private static byte[] read(Path path) {
    try {
      return Files.readAllBytes(path);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
