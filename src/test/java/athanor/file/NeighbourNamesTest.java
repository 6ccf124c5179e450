package athanor.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.error.AthanorException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NeighbourNamesTest {
  @TempDir private Path folder;

  @BeforeEach
  void writeFiles() throws IOException {
    for (String name : new String[] {"pixel.safetensors", "ink.ckpt", "my style.safetensors"}) {
      Files.createFile(folder.resolve(name));
    }
  }

  @Test
  void findsANameWithoutItsExtension() {
    assertHelp("ink", "did you mean ink.ckpt?");
  }

  @Test
  void findsAMistypedName() {
    assertHelp("pixle.safetensors", "did you mean pixel.safetensors?");
  }

  @Test
  void speaksOfQuotesOnlyWhereANameHasBlanks() {
    assertHelp("my", "did you mean \"my style.safetensors\"? Quote names that contain blanks");
    assertHelp("nowhere.safetensors", "check the name and the folder");
  }

  private void assertHelp(String name, String help) {
    assertThatThrownBy(() -> InputFile.open(folder.resolve(name)))
        .isInstanceOfSatisfying(
            AthanorException.class, e -> assertThat(e.problem().help()).hasValue(help));
  }
}
