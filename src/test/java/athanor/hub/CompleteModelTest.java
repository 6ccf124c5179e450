package athanor.hub;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.testkit.web.FakeWeb;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompleteModelTest {
  @TempDir Path folder;
  private final byte[] good = FakeWeb.safetensors(101, 1);

  private void check(byte[] content, String name) throws IOException {
    Path file = folder.resolve("part");
    Files.write(file, content);
    new CompleteModel().check(file, name);
  }

  private void refuses(byte[] content, String reason) {
    assertThatThrownBy(() -> check(content, "x.safetensors")).hasMessageContaining(reason);
  }

  @Test
  void acceptsCompleteFiles() throws IOException {
    var zip = new ByteArrayOutputStream();
    try (var out = new ZipOutputStream(zip)) {
      out.putNextEntry(new ZipEntry("archive/data.pkl"));
    }
    assertThatCode(() -> check(good, "x.safetensors")).doesNotThrowAnyException();
    assertThatCode(() -> check(zip.toByteArray(), "x.ckpt")).doesNotThrowAnyException();
    assertThatCode(() -> check(new byte[] {(byte) 0x80, 2, 0, 0, 0, 0, 0, 0}, "x.pt"))
        .doesNotThrowAnyException();
    assertThatCode(() -> check("a: b".getBytes(), "config.yaml")).doesNotThrowAnyException();
    assertThatThrownBy(() -> check(Arrays.copyOf(zip.toByteArray(), 60), "x.ckpt"))
        .hasMessageContaining("cut short");
  }

  @Test
  void refusesACutFile() {
    refuses(Arrays.copyOf(good, good.length - 1), "cut short");
  }

  @Test
  void refusesACutHeader() {
    refuses(Arrays.copyOf(good, 30), "cut short in its header");
  }

  @Test
  void refusesTrailingBytes() {
    refuses(Arrays.copyOf(good, good.length + 1), "longer than it says");
  }

  @Test
  void refusesADamagedHeader() {
    byte[] damaged = good.clone();
    damaged[12] = '{';
    refuses(damaged, "header of the safetensors file is damaged");
  }

  @Test
  void refusesTextsPicturesAndNothing() {
    refuses("Entry not found".getBytes(StandardCharsets.UTF_8), "neither");
    refuses(new byte[] {(byte) 0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0, 0, 0, 13}, "neither");
    refuses(new byte[4096], "neither");
    refuses(new byte[0], "empty");
  }
}
