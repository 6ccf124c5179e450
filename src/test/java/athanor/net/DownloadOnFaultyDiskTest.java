package athanor.net;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.error.Problem;
import athanor.progress.Cancellation;
import athanor.progress.Progress;
import athanor.testkit.Gen;
import athanor.testkit.disk.Fault;
import athanor.testkit.disk.Fault.Effect;
import athanor.testkit.disk.FaultyDisk;
import athanor.testkit.disk.Operation;
import athanor.testkit.web.Blob;
import athanor.testkit.web.FakeStorage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Downloads onto a disk that fails at each of its operations in turn: the target is the right file
 * or not there, the user is told, and the next run on a sound disk completes the work.
 */
@Timeout(60)
class DownloadOnFaultyDiskTest {
  private static final int SIZE = 1_500_017;

  @TempDir Path folder;
  private final FakeStorage storage = new FakeStorage();
  private final byte[] content = Gen.fixed(7).bytes(SIZE);
  private final Blob blob = Blob.of(content);
  private final Http http = Http.open(Downloads.impatient(1, 4, notice -> {}));

  @BeforeEach
  void store() {
    storage.put(blob);
  }

  @AfterEach
  void stop() {
    http.close();
    storage.close();
  }

  private Optional<Problem> run(FaultyDisk disk) {
    var wanted =
        new Download.Wanted(
            "file@1",
            "file.bin",
            OptionalLong.of(SIZE),
            Optional.of(blob.sha256()),
            disk.path(folder.resolve("file.bin")));
    try {
      Download.run(
          http,
          Downloads.at(() -> storage.sign(blob)),
          wanted,
          Download.FinalCheck.NONE,
          Progress.NONE,
          new Cancellation());
      return Optional.empty();
    } catch (AthanorException e) {
      return Optional.of(e.problem());
    }
  }

  private int count(Set<Operation> operations) throws IOException {
    var disk = new FaultyDisk(Fault.none(operations));
    assertThat(run(disk)).isEmpty();
    Files.delete(folder.resolve("file.bin"));
    return disk.count();
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @ParameterizedTest
  @CsvSource({"FULL, true", "FULL, false", "ERROR, true", "ERROR, false"})
  void neverLeavesAWrongFileAndGoesOnOnASoundDisk(Effect effect, boolean lasting)
      throws IOException {
    Set<Operation> operations =
        effect == Effect.FULL ? Operation.writing() : Operation.allButDelete();
    int count = count(operations);
    for (int n = 1; n <= count; n++) {
      var disk = new FaultyDisk(new Fault(effect, operations, n, lasting));
      Optional<Problem> problem = run(disk);
      String what = effect + " at " + n + " of " + count + ": " + disk.spoilt() + " " + problem;
      Path target = folder.resolve("file.bin");
      if (Files.exists(target)) {
        assertThat(target).as(what).hasBinaryContent(content);
      } else {
        assertThat(problem.map(Problem::kind)).as(what).hasValue(Kind.RESOURCES);
        assertThat(problem.orElseThrow().line()).as(what).doesNotContain("Exception");
        assertThat(names())
            .as(what)
            .isSubsetOf(
                "file.bin.athanor-part",
                "file.bin.athanor-part.json",
                "file.bin.athanor-part.json.new");
      }
      assertThat(run(new FaultyDisk(Fault.none(Set.of())))).as(what).isEmpty();
      assertThat(target).as(what).hasBinaryContent(content);
      Files.delete(target);
      assertThat(names()).as(what).isEmpty();
    }
  }

  @Test
  void writesInPartsLoseNothing() throws IOException {
    var disk = new FaultyDisk(new Fault(Effect.HALF, Operation.partial(), 1, true));
    assertThat(run(disk)).isEmpty();
    assertThat(folder.resolve("file.bin")).hasBinaryContent(content);
  }

  @Test
  void keepsWhatArrivedBeforeTheDiskWasFull() throws IOException {
    int writes = count(EnumSet.of(Operation.WRITE));
    var full =
        new FaultyDisk(new Fault(Effect.FULL, EnumSet.of(Operation.WRITE), writes / 2, true));

    Problem problem = run(full).orElseThrow();

    assertThat(problem.kind()).isEqualTo(Kind.RESOURCES);
    assertThat(problem.line()).contains("No space left on device", "file.bin");
    assertThat(problem.help()).hasValueSatisfying(help -> assertThat(help).contains("goes on"));
  }
}
