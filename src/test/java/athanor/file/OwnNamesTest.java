package athanor.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.testkit.disk.Fault;
import athanor.testkit.disk.Fault.Effect;
import athanor.testkit.disk.FaultyDisk;
import athanor.testkit.disk.Operation;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The temporary names beside an output are this program's own, but others may write into the folder
 * too: no link under such a name is followed, and nobody gets more rights than the output will
 * have.
 */
@DisabledOnOs(OS.WINDOWS)
class OwnNamesTest {
  private static final MemorySegment HELLO = MemorySegment.ofArray(new byte[] {1, 2, 3, 4, 5});
  private static final FileMode USUAL = new FileMode(Optional.empty());

  @TempDir private Path folder;
  private Path victim;

  @BeforeEach
  void writeVictim() throws IOException {
    victim = Files.writeString(folder.resolve("victim"), "precious");
  }

  @Test
  void aPlantedLinkIsNotOpenedAsATemporaryFile() throws IOException {
    Path planted = Files.createSymbolicLink(folder.resolve(".out.1-00000000.partial"), victim);
    assertThatThrownBy(() -> TemporaryFiles.create(planted, USUAL))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThat(victim).hasContent("precious");
  }

  @Test
  void aPlantedLinkToNothingIsNotCreatedThrough() throws IOException {
    Path planted =
        Files.createSymbolicLink(
            folder.resolve(".out.1-00000000.partial"), folder.resolve("elsewhere"));
    assertThatThrownBy(() -> TemporaryFiles.create(planted, USUAL))
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThat(folder.resolve("elsewhere")).doesNotExist();
  }

  @Test
  void aLinkThatLooksLikeAnAbandonedFileIsLeftAlone() throws IOException {
    Path planted = Files.createSymbolicLink(folder.resolve(".out.999999-00000000.partial"), victim);
    OutputTarget.of(folder.resolve("out"), false).open().close();
    assertThat(planted).isSymbolicLink();
    assertThat(victim).hasContent("precious");
  }

  @Test
  void aCopyDoesNotFollowALinkThatTookTheTemporaryName() throws IOException {
    Path source = Files.write(folder.resolve("source"), new byte[] {9, 9, 9, 9, 9});
    try (InputFile input = InputFile.open(source);
        OutputFile output = OutputTarget.of(folder.resolve("out"), false).open()) {
      exchange(output);
      AthanorException failure =
          catchThrowableOfType(
              AthanorException.class, () -> output.copy(new FileRange(input, 0, 5), 0));
      assertThat(failure.problem().kind()).isEqualTo(Kind.RESOURCES);
    }
    assertThat(victim).hasContent("precious");
  }

  @Test
  void aFileThatTookTheTemporaryNameIsNotPublished() throws IOException {
    Path out = folder.resolve("out");
    try (OutputFile output = OutputTarget.of(out, false).open()) {
      output.write(0, HELLO);
      output.seal(5);
      exchange(output);
      AthanorException failure = catchThrowableOfType(AthanorException.class, output::publish);
      assertThat(failure.problem().kind()).isEqualTo(Kind.VERIFICATION);
    }
    assertThat(Files.exists(out, LinkOption.NOFOLLOW_LINKS)).isFalse();
    assertThat(victim).hasContent("precious");
  }

  private void exchange(OutputFile output) throws IOException {
    Files.delete(output.temporaryPath());
    Files.createSymbolicLink(output.temporaryPath(), victim);
  }

  @Test
  void aReplacedFileThatOthersMayNotReadIsNeverReadableMeanwhile() throws IOException {
    Path secret = secret();
    try (OutputFile output = OutputTarget.of(secret, true).open()) {
      assertThat(mode(output.temporaryPath())).isEqualTo("rw-------");
      output.write(0, HELLO);
      output.finish(5);
    }
    assertThat(mode(secret)).isEqualTo("rw-------");
  }

  @Test
  void aModeThatCannotBeSetLeavesFewerRightsAndNotMore() throws IOException {
    Path secret = secret();
    var disk = new FaultyDisk(new Fault(Effect.ERROR, Set.of(Operation.SET_ATTRIBUTES), 1, true));
    try (OutputFile output = OutputTarget.of(disk.path(secret), true).open()) {
      output.write(0, HELLO);
      output.finish(5);
    }
    assertThat(disk.spoilt()).contains(Operation.SET_ATTRIBUTES);
    assertThat(secret).hasBinaryContent(new byte[] {1, 2, 3, 4, 5});
    assertThat(mode(secret)).isEqualTo("rw-------");
  }

  @Test
  void aFileThatNotEvenItsOwnerMayWriteKeepsThatMode() throws IOException {
    Path secret = secret();
    Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("r--r-----"));
    try (OutputFile output = OutputTarget.of(secret, true).open()) {
      assertThat(mode(output.temporaryPath())).isEqualTo("rw-r-----");
      output.write(0, HELLO);
      output.finish(5);
    }
    assertThat(mode(secret)).isEqualTo("r--r-----");
  }

  private Path secret() throws IOException {
    Path secret = Files.writeString(folder.resolve("secret"), "old");
    return Files.setPosixFilePermissions(secret, PosixFilePermissions.fromString("rw-------"));
  }

  private static String mode(Path path) throws IOException {
    assertThat(FileSystems.getDefault().supportedFileAttributeViews()).contains("posix");
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
