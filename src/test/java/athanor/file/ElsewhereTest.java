package athanor.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** A file that is not on this computer, read as if it were. */
class ElsewhereTest {
  private static final byte[] BYTES =
      "0123456789".getBytes(java.nio.charset.StandardCharsets.UTF_8);

  private final InputFile file =
      InputFile.elsewhere(
          Path.of("far", "x.bin"),
          BYTES.length,
          (position, target) -> target.put(BYTES, (int) position, target.remaining()));

  @Test
  void readsThroughTheReader() {
    assertThat(file.readBytes(3, 4)).asString().isEqualTo("3456");
    assertThat(file.size()).isEqualTo(10);
    assertThat(file.name()).isEqualTo("x.bin");
  }

  @Test
  void isNotHereAndNeverChanges() {
    assertThat(file.isHere()).isFalse();
    file.verifyUnchanged();
    file.close();
    assertThatThrownBy(file::channel).isInstanceOf(IllegalStateException.class);
  }
}
