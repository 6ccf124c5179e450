package athanor.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.safetensors.OddFiles.OddFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every broken, hostile or unusual file of the catalogue gets its verdict, quickly. */
class OddFilesTest {
  @TempDir Path folder;

  static Stream<OddFile> refusedFiles() {
    return OddFiles.all().stream().filter(file -> file.flaw().isPresent());
  }

  static Stream<OddFile> acceptedFiles() {
    return OddFiles.all().stream().filter(file -> file.flaw().isEmpty());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refusedFiles")
  void refusesWithTheRightReason(OddFile odd) throws IOException {
    Path path = Files.write(folder.resolve("odd.safetensors"), odd.bytes());
    AthanorException failure =
        Assertions.assertTimeout(
            Duration.ofSeconds(2),
            () ->
                catchThrowableOfType(
                    AthanorException.class, () -> SafetensorsFile.open(path).close()));
    assertThat(failure).isNotNull();
    assertThat(HeaderFlaw.of(failure)).as(failure.getMessage()).isEqualTo(odd.flaw());
    assertThat(failure.problem().kind()).isEqualTo(Kind.BAD_FILE);
    assertThat(failure.problem().where()).get().asString().contains("odd.safetensors");
    assertThat(failure.problem().where()).get().asString().contains("byte ");
    assertThat(failure.problem().found()).isPresent();
    assertThat(failure.problem().help()).isPresent();
    assertThat(failure.getMessage()).hasSizeLessThan(1000).doesNotContain("\n", "\u001b");
    assertThat(Files.readAllBytes(path)).isEqualTo(odd.bytes());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("acceptedFiles")
  void accepts(OddFile odd) throws IOException {
    Path path = Files.write(folder.resolve("odd.safetensors"), odd.bytes());
    Assertions.assertTimeout(
        Duration.ofSeconds(2),
        () -> {
          try (SafetensorsFile file = SafetensorsFile.open(path)) {
            long bytes = file.tensors().stream().mapToLong(tensor -> tensor.byteSize()).sum();
            assertThat(file.dataStart() + bytes).isEqualTo(odd.bytes().length);
          }
        });
  }

  @Test
  void refusesEveryTruncationOfASoundFile() throws IOException {
    byte[] whole =
        SafetensorsBytes.file(
            "{\"a\":" + SafetensorsBytes.tensor("F32", "[2]", 0, 8) + "}", new byte[8]);
    for (int length = 0; length < whole.length; length++) {
      Path path = Files.write(folder.resolve("cut"), java.util.Arrays.copyOf(whole, length));
      AthanorException failure =
          catchThrowableOfType(AthanorException.class, () -> SafetensorsFile.open(path).close());
      assertThat(failure).as("cut to %d bytes", length).isNotNull();
      assertThat(HeaderFlaw.of(failure))
          .as(failure.getMessage())
          .get()
          .isIn(
              List.of(
                  HeaderFlaw.FILE_TOO_SMALL, HeaderFlaw.HEADER_BEYOND_END, HeaderFlaw.INCOMPLETE));
    }
  }
}
