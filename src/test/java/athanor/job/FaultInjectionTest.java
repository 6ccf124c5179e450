package athanor.job;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.error.Problem;
import athanor.testkit.MemoryFolder;
import athanor.testkit.disk.Fault;
import athanor.testkit.disk.Fault.Effect;
import athanor.testkit.disk.FaultyDisk;
import athanor.testkit.disk.Operation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Small pieces of work on a disk on which one operation fails, or all from one on, for each
 * operation in turn. Whatever fails: the inputs stay as they are, the output is absent, the old one
 * or the right one, no temporary file stays, and the user gets a sentence.
 */
class FaultInjectionTest {
  private static final Set<Kind> PROPER =
      EnumSet.of(Kind.RESOURCES, Kind.BAD_FILE, Kind.VERIFICATION);

  @TempDir(factory = MemoryFolder.class)
  private Path folder;

  @ParameterizedTest
  @EnumSource
  void aFailingOperationLosesNothing(SmallWork work) throws IOException {
    var scene = new Scene(work, folder);
    report(work, "EIO", spoilEach(scene, Effect.ERROR, EnumSet.allOf(Operation.class), false));
  }

  @ParameterizedTest
  @MethodSource("usualWorks")
  void aDiskThatFailsFromThereOnLosesNothing(SmallWork work) throws IOException {
    var scene = new Scene(work, folder);
    report(work, "EIO for good", spoilEach(scene, Effect.ERROR, Operation.allButDelete(), true));
  }

  @ParameterizedTest
  @EnumSource
  @EnabledIfSystemProperty(named = "reliability", matches = "true")
  void anOperationThatNeverWorksAgainLosesNothing(SmallWork work) throws IOException {
    var scene = new Scene(work, folder);
    int faults = spoilEach(scene, Effect.ERROR, EnumSet.allOf(Operation.class), true);
    for (Operation operation : Operation.values()) {
      faults += spoilEach(scene, Effect.ERROR, EnumSet.of(operation), true);
    }
    report(work, "EIO for good, each kind of operation", faults);
  }

  @ParameterizedTest
  @MethodSource("usualWorks")
  void aFullDiskLosesNothing(SmallWork work) throws IOException {
    var scene = new Scene(work, folder);
    int faults = spoilEach(scene, Effect.FULL, Operation.writing(), false);
    report(work, "ENOSPC", faults + spoilEach(scene, Effect.FULL, Operation.writing(), true));
  }

  @ParameterizedTest
  @MethodSource("usualWorks")
  void readingAndWritingInPartsSucceeds(SmallWork work) throws IOException {
    var scene = new Scene(work, folder);
    int count = scene.count(Operation.partial());
    for (int n = 1; n <= count; n++) {
      assertSucceedsInParts(scene, new Fault(Effect.HALF, Operation.partial(), n, false));
    }
    assertSucceedsInParts(scene, new Fault(Effect.HALF, Operation.partial(), 1, true));
    report(work, "short reads and writes", count + 1);
  }

  private static void assertSucceedsInParts(Scene scene, Fault fault) throws IOException {
    assertThat(scene.run(new FaultyDisk(fault))).as(fault.toString()).isEmpty();
    scene.assertDone();
  }

  /** The plain build is content with two works; {@code -Dreliability=true} does all. */
  static Stream<SmallWork> usualWorks() {
    return Boolean.getBoolean("reliability")
        ? Stream.of(SmallWork.values())
        : Stream.of(SmallWork.MERGE, SmallWork.LORA);
  }

  private static void report(SmallWork work, String what, int faults) {
    System.out.println(work + ", " + what + ": " + faults + " faults");
  }

  /** Spoils each of these operations in turn; returns how many there were. */
  private static int spoilEach(
      Scene scene, Effect effect, Set<Operation> operations, boolean lasting) throws IOException {
    int count = scene.count(operations);
    for (int n = 1; n <= count; n++) {
      var disk = new FaultyDisk(new Fault(effect, operations, n, lasting));
      Optional<Problem> problem = scene.run(disk);
      String what = effect + " at " + n + " of " + count + " " + operations + ": " + disk.spoilt();
      scene.assertNothingLost(what, problem, disk);
    }
    return count;
  }

  /** The files of one piece of work, and the states they may be in. */
  private static final class Scene {
    private static final String OLD = "old";

    private final SmallWork work;
    private final Path folder;
    private final List<Path> inputs;
    private final List<byte[]> inputBytes;
    private final Path output;
    private final byte[] right;

    Scene(SmallWork work, Path folder) throws IOException {
      this.work = work;
      this.folder = folder;
      this.inputs = work.writeInputs(folder);
      this.inputBytes = bytes(inputs);
      this.output = folder.resolve(work.outputName());
      assertThat(run(new FaultyDisk(Fault.none(Set.of())))).isEmpty();
      this.right = Files.readAllBytes(output);
    }

    private static List<byte[]> bytes(List<Path> files) throws IOException {
      Stream.Builder<byte[]> all = Stream.builder();
      for (Path file : files) {
        all.add(Files.readAllBytes(file));
      }
      return all.build().toList();
    }

    int count(Set<Operation> operations) throws IOException {
      var disk = new FaultyDisk(Fault.none(operations));
      assertThat(run(disk)).isEmpty();
      return disk.count();
    }

    /**
     * Works on the disk; returns the problem it ends with. Anything else that is thrown escapes.
     */
    Optional<Problem> run(FaultyDisk disk) throws IOException {
      Files.deleteIfExists(output);
      if (work.replaces()) {
        Files.writeString(output, OLD);
      }
      try {
        work.run(inputs.stream().map(disk::path).toList(), disk.path(output));
        return Optional.empty();
      } catch (AthanorException e) {
        return Optional.of(e.problem());
      }
    }

    void assertDone() throws IOException {
      assertThat(output).hasBinaryContent(right);
      assertThat(names()).containsExactlyInAnyOrderElementsOf(expected(true));
    }

    void assertNothingLost(String what, Optional<Problem> problem, FaultyDisk disk)
        throws IOException {
      for (int i = 0; i < inputs.size(); i++) {
        assertThat(inputs.get(i)).as(what).hasBinaryContent(inputBytes.get(i));
      }
      boolean done = Files.exists(output) && Files.size(output) == right.length;
      if (done) {
        assertThat(output).as(what).hasBinaryContent(right);
      } else if (work.replaces()) {
        assertThat(output).as(what).hasContent(OLD);
      } else {
        assertThat(output).as(what).doesNotExist();
      }
      assertThat(done || problem.isPresent()).as(what + ": work is done or refused").isTrue();
      problem.ifPresent(found -> assertProper(what, found, disk));
      if (!disk.spoilt().contains(Operation.DELETE)) {
        assertThat(names()).as(what).containsExactlyInAnyOrderElementsOf(expected(done));
      }
      removeTemporaries();
    }

    private static void assertProper(String what, Problem problem, FaultyDisk disk) {
      // Before any work, what cannot be looked at is a wrong request: "the folder does not exist".
      boolean looking = disk.spoilt().contains(Operation.ATTRIBUTES);
      assertThat(PROPER.contains(problem.kind()) || looking && problem.kind() == Kind.USAGE)
          .as(what + ": " + problem.kind() + " " + problem.line())
          .isTrue();
      assertThat(problem.where()).as(what + ": " + problem.line()).isPresent();
      assertThat(problem.line()).as(what).doesNotContain("Exception", ".partial");
    }

    private List<String> expected(boolean done) {
      Stream<Path> outputs = done || work.replaces() ? Stream.of(output) : Stream.empty();
      return Stream.concat(inputs.stream(), outputs)
          .map(path -> path.getFileName().toString())
          .toList();
    }

    private List<String> names() throws IOException {
      try (Stream<Path> files = Files.list(folder)) {
        return files.map(path -> path.getFileName().toString()).toList();
      }
    }

    private void removeTemporaries() throws IOException {
      for (String name : names()) {
        if (name.endsWith(".partial")) {
          Files.delete(folder.resolve(name));
        }
      }
    }
  }
}
