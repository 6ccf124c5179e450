package athanor.job.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.error.Problem;
import athanor.tensor.DType;
import athanor.tensor.Shape;
import athanor.testkit.TensorFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoraFolderTest {
  @TempDir private Path folder;

  private Path file(String name) throws IOException {
    Path path = folder.resolve(name);
    Files.createDirectories(path.getParent());
    return Files.writeString(path, "x");
  }

  private Path find(String name) {
    return LoraFolder.open(folder).find(name);
  }

  private Problem failure(String name) {
    AthanorException e = catchThrowableOfType(AthanorException.class, () -> find(name));
    assertThat(e).isNotNull();
    return e.problem();
  }

  @Test
  void findsFilesOfEveryKindInSubfoldersByTheirNameWithoutExtension() throws IOException {
    assertThat(isFound("styles/deep/pixel.safetensors", "pixel")).isTrue();
    assertThat(isFound("ink.PT", "ink")).isTrue();
    assertThat(isFound("old.ckpt", "old")).isTrue();
    assertThat(isFound("v1.5 mix.safetensors", "v1.5 mix")).isTrue();
  }

  @Test
  void findsANameWithItsExtensionUnlessAFileIsCalledSo() throws IOException {
    Path plain = file("pixel.safetensors");
    assertThat(find("pixel.safetensors")).isEqualTo(plain);
    Path doubled = file("pixel.safetensors.ckpt");
    assertThat(find("pixel.safetensors")).isEqualTo(doubled);
  }

  private boolean isFound(String file, String name) throws IOException {
    return isFound(file(file), name);
  }

  private boolean isFound(Path file, String name) {
    return find(name).equals(file);
  }

  @Test
  void prefersTheExactLetterCaseAndElseIgnoresIt() throws IOException {
    Path exact = file("a/Pixel.safetensors");
    file("b/pixel.safetensors");
    assertThat(find("Pixel")).isEqualTo(exact);
    assertThat(find("b/PIXEL")).isEqualTo(folder.resolve("b/pixel.safetensors"));
  }

  @Test
  void findsALoraByTheNameThatItsTrainerGaveIt() throws IOException {
    file("damaged.safetensors");
    Path renamed =
        new TensorFile()
            .put("lora_unet_x.alpha", DType.F32, Shape.of(), 1)
            .metadata("ss_output_name", "original")
            .write(folder.resolve("renamed.safetensors"));
    assertThat(find("original")).isEqualTo(renamed);
  }

  @Test
  void refusesANameThatSeveralFilesHaveUnlessTheSubfolderIsNamed() throws IOException {
    Path one = file("a/pixel.safetensors");
    file("b/pixel.pt");
    Problem problem = failure("pixel");
    assertThat(problem.kind()).isEqualTo(Kind.USAGE);
    assertThat(problem.found().orElseThrow()).contains("pixel.safetensors", "pixel.pt");
    assertThat(find("a/pixel")).isEqualTo(one);
    assertThat(find("a\\pixel")).isEqualTo(one);
  }

  @Test
  void namesTheNearestFilesWhenThereIsNone() throws IOException {
    file("a/pixel_art.safetensors");
    file("notes.txt");
    Problem problem = failure("pixel_arts");
    assertThat(problem.kind()).isEqualTo(Kind.BAD_FILE);
    assertThat(problem.help()).hasValue("did you mean pixel_art?");
    assertThat(failure("watercolour").help()).hasValue("the folder has pixel_art");
  }

  @Test
  void saysThatAFolderHoldsNoLora() {
    assertThat(failure("pixel").help().orElseThrow()).contains("no LoRA at all");
  }

  @Test
  void refusesAFolderThatIsNone() throws IOException {
    Path file = file("x.safetensors");
    AthanorException e = catchThrowableOfType(AthanorException.class, () -> LoraFolder.open(file));
    assertThat(e.problem().what()).isEqualTo("this is no folder");
    e =
        catchThrowableOfType(
            AthanorException.class, () -> LoraFolder.open(folder.resolve("missing")));
    assertThat(e.problem().kind()).isEqualTo(Kind.BAD_FILE);
  }
}
