package athanor.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.error.Problem;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.testkit.Gen;
import athanor.testkit.web.Blob;
import athanor.testkit.web.FakeStorage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What others put under the names of this program's files is never followed, written or cut. */
@Timeout(30)
class OwnFileTest {
  private static final String PART = "file.bin.athanor-part";
  private static final String STATE = "file.bin.athanor-part.json";
  private static final String NEW_STATE = "file.bin.athanor-part.json.new";
  private static final String PRECIOUS = "the only copy of something";

  @TempDir Path folder;
  @TempDir Path elsewhere;
  private final FakeStorage storage = new FakeStorage();
  private final byte[] content = Gen.fixed(11).bytes(700_001);
  private final Blob blob = Blob.of(content);
  private final Http http = Http.open(Downloads.impatient(1, 3, notice -> {}));
  private Path victim;

  @BeforeEach
  void prepare() throws IOException {
    storage.put(blob);
    victim = Files.writeString(elsewhere.resolve("victim"), PRECIOUS);
  }

  @AfterEach
  void theVictimIsUntouched() throws IOException {
    http.close();
    storage.close();
    assertThat(victim).hasContent(PRECIOUS);
  }

  private Download.Arrived run() {
    var wanted =
        new Download.Wanted(
            "file@1",
            "file.bin",
            OptionalLong.of(content.length),
            Optional.of(blob.sha256()),
            folder.resolve("file.bin"));
    return Download.run(
        http,
        Downloads.at(() -> storage.sign(blob)),
        wanted,
        Download.FinalCheck.NONE,
        Progress.NONE,
        new Cancellation());
  }

  private Problem failure() {
    return catchThrowableOfType(AthanorException.class, this::run).problem();
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    }
  }

  @Test
  void refusesALinkInThePlaceOfAPart() throws IOException {
    Files.createSymbolicLink(folder.resolve(PART), victim);

    Problem problem = failure();

    assertThat(problem.kind()).isEqualTo(Kind.RESOURCES);
    assertThat(problem.what()).contains("a symbolic link stands in the place of a file of");
    assertThat(problem.help().orElseThrow()).contains("remove it");
    assertThat(names()).containsExactly(PART);
    assertThat(storage.log()).isEmpty();
  }

  @Test
  void refusesALinkToNothingInThePlaceOfAPart() throws IOException {
    Path target = elsewhere.resolve("not-there-yet");
    Files.createSymbolicLink(folder.resolve(PART), target);

    assertThat(failure().what()).contains("symbolic link");
    assertThat(target).doesNotExist();
  }

  @ParameterizedTest
  @ValueSource(strings = {STATE, NEW_STATE})
  void writesNoStateThroughALink(String name) throws IOException {
    Files.createSymbolicLink(folder.resolve(name), victim);

    run();

    assertThat(folder.resolve("file.bin")).hasBinaryContent(content);
    assertThat(names()).containsExactly("file.bin");
  }

  @Test
  void readsNoStateThroughALink() throws IOException {
    Files.write(folder.resolve(PART), new byte[content.length]);
    var vouching =
        new PartState(
            "file@1",
            content.length,
            Optional.of(blob.sha256()),
            Optional.empty(),
            List.of(new ReceivedBytes.Span(0, content.length)));
    Path stranger = Files.write(elsewhere.resolve("state.json"), vouching.toBytes());
    Files.createSymbolicLink(folder.resolve(STATE), stranger);

    assertThat(run().transferred()).isEqualTo(content.length);
    assertThat(folder.resolve("file.bin")).hasBinaryContent(content);
  }

  @Test
  void leavesTheOtherNamesOfAPartTheirContent() throws IOException {
    Files.createLink(folder.resolve(PART), victim);

    run();

    assertThat(folder.resolve("file.bin")).hasBinaryContent(content);
    assertThat(names()).containsExactly("file.bin");
  }

  @Test
  void refusesAFolderAndAPipe() throws Exception {
    Files.createDirectory(folder.resolve(PART));
    assertThat(failure().what()).contains("a folder stands in the place");
    Files.delete(folder.resolve(PART));

    assumeTrue(
        new ProcessBuilder("mkfifo", folder.resolve(PART).toString()).start().waitFor() == 0);
    assertThat(failure().what()).contains("a device or pipe stands in the place");
  }

  @Test
  void aPipeInThePlaceOfAStateDoesNotKeepItWaiting() throws Exception {
    assumeTrue(
        new ProcessBuilder("mkfifo", folder.resolve(STATE).toString()).start().waitFor() == 0);

    run();

    assertThat(names()).containsExactly("file.bin");
  }

  @Test
  void refusesAPartOfAnotherUser() throws IOException {
    Path part = Files.write(folder.resolve(PART), new byte[10]);
    try {
      Files.setAttribute(part, "unix:uid", 12_345);
    } catch (IOException | UnsupportedOperationException e) {
      assumeTrue(false, "only root may give files away");
    }

    assertThat(failure().what()).contains("a file of another user stands in the place");
    assertThat(part).hasBinaryContent(new byte[10]);
  }

  @Test
  void aLockIsNotTakenThroughALink() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("journal.jsonl"), victim);

    assertThatThrownBy(() -> ExclusiveFile.open(link, () -> {}, new Cancellation()))
        .isInstanceOf(OwnFile.Foreign.class);
  }

  @Test
  void aFileIsCreatedWithItsFinalMode() throws IOException {
    Path path = folder.resolve("journal.jsonl");
    assumeTrue(Files.getFileStore(folder).supportsFileAttributeView("posix"));

    ExclusiveFile.open(path, () -> {}, new Cancellation(), athanor.file.OwnerOnly.file()).close();

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
        .isEqualTo("rw-------");
  }

  @Test
  void readsNoMoreThanAsked() throws IOException {
    Path path = Files.write(folder.resolve("state"), new byte[101]);

    assertThat(OwnFile.read(path, 101)).hasSize(101);
    assertThatThrownBy(() -> OwnFile.read(path, 100)).hasMessageContaining("too long");
  }
}
