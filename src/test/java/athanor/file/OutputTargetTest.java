package athanor.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.error.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OutputTargetTest {
  @TempDir Path folder;

  @Test
  void refusesANameWhoseBytesWereLost() {
    Path lost = folder.resolve("o\uFFFD.safetensors");
    assertThatThrownBy(() -> OutputTarget.of(lost, false))
        .isInstanceOf(AthanorException.class)
        .hasMessageContaining("not UTF-8");
    assertThatThrownBy(() -> InputFile.open(lost))
        .isInstanceOfSatisfying(
            AthanorException.class,
            e -> assertThat(e.problem().help().orElseThrow()).contains("not UTF-8", "rename"));
  }

  @Test
  void refusesAnExistingFileUnlessItMayBeReplaced() throws IOException {
    Path existing = Files.writeString(folder.resolve("old"), "old");
    assertThat(refusal(existing, false))
        .satisfies(problem -> {
          assertThat(problem.what()).isEqualTo("the output already exists");
          assertThat(problem.help()).get().asString().contains("--overwrite");
        });
    assertThatCode(() -> OutputTarget.of(existing, true)).doesNotThrowAnyException();
  }

  @Test
  void refusesAFolderAMissingFolderAndADevice() {
    assertThat(refusal(folder, true).what()).contains("is a folder");
    Problem missing = refusal(folder.resolve("no/such/file"), false);
    assertThat(missing.what()).contains("folder of the output does not exist");
    assertThat(missing.help()).get().asString().contains("mkdir -p");
    assertThat(refusal(Path.of("/dev/full"), true).what()).contains("not a regular file");
    assertThat(refusal(Path.of("/dev/full"), false).what()).contains("already exists");
  }

  @Test
  void refusesAFolderItMayNotWriteInto() throws IOException {
    Path closed = Files.createDirectory(folder.resolve("closed"));
    Files.setPosixFilePermissions(closed, PosixFilePermissions.fromString("r-xr-xr-x"));
    Assumptions.assumeFalse(Files.isWritable(closed), "root writes everywhere");
    assertThat(refusal(closed.resolve("x"), false).what()).contains("no permission");
  }

  @Test
  void refusesANameLongerThanTheSystemAllowsBeforeAnyWork() {
    Problem problem = refusal(folder.resolve("n".repeat(256)), false);
    assertThat(problem.what()).contains("cannot have this name");
    assertThat(problem.what()).containsIgnoringCase("too long");
  }

  @Test
  void refusesALinkInACircle() throws IOException {
    Path loop = folder.resolve("loop");
    Files.createSymbolicLink(loop, loop);
    assertThat(refusal(loop, true).what()).contains("circle");
  }

  @Test
  void refusesALinkIntoAMissingFolder() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("gone/file"));
    assertThat(refusal(link, true).what()).contains("folder of the output does not exist");
  }

  @Test
  void refusesAnInputUnderAnyOfItsNames() throws IOException {
    Path input = Files.writeString(folder.resolve("input"), "input");
    Path hard = Files.createLink(folder.resolve("hard"), input);
    Path soft = Files.createSymbolicLink(folder.resolve("soft"), input);
    Files.createSymbolicLink(folder.resolve("elsewhere"), folder);
    Path detour = folder.resolve("elsewhere/../" + folder.getFileName() + "/input");
    try (InputFile open = InputFile.open(input)) {
      for (Path output : List.of(input, hard, soft, detour)) {
        OutputTarget target = OutputTarget.of(output, true);
        AthanorException failure =
            catchThrowableOfType(AthanorException.class, () -> target.refuseInputs(List.of(open)));
        assertThat(failure).as(output.toString()).isNotNull();
        assertThat(failure.problem().kind()).isEqualTo(Kind.USAGE);
        assertThat(failure).hasMessageContaining("an input is never overwritten");
      }
      OutputTarget.of(folder.resolve("other"), true).refuseInputs(List.of(open));
    }
    assertThat(input).hasContent("input");
  }

  @Test
  void refusesMoreThanTheDiskHoldsWithBothNumbers() {
    OutputTarget target = OutputTarget.of(folder.resolve("x"), false);
    assertThatCode(() -> target.requireSpace(1000)).doesNotThrowAnyException();
    AthanorException failure =
        catchThrowableOfType(AthanorException.class, () -> target.requireSpace(1L << 60));
    assertThat(failure.problem().kind()).isEqualTo(Kind.RESOURCES);
    assertThat(failure.problem().found()).get().asString().contains("MB free");
    assertThat(failure.problem().expected()).get().asString().contains("MB");
  }

  private static Problem refusal(Path path, boolean replace) {
    AthanorException failure =
        catchThrowableOfType(AthanorException.class, () -> OutputTarget.of(path, replace));
    assertThat(failure).isNotNull();
    assertThat(failure.problem().kind()).isEqualTo(Kind.USAGE);
    return failure.problem();
  }
}
