package athanor.job;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.testkit.JavaProcess;
import athanor.testkit.disk.Fault;
import athanor.testkit.disk.FaultyDisk;
import athanor.testkit.disk.Operation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A process that ends as if killed right before a certain operation on the disk leaves the old
 * output, none, or the whole new one, and the next run is not disturbed.
 */
class KilledAtOperationTest {
  private static final int KILLED = 137;

  @TempDir private Path folder;

  /** The process that is killed: the work, the operations that count, which of them, the files. */
  static final class Victim {
    private Victim() {}

    public static void main(String[] arguments) {
      SmallWork work = SmallWork.valueOf(arguments[0]);
      Set<Operation> operations = operations(arguments[1]);
      var fault = new Fault(Fault.Effect.KILL, operations, Integer.parseInt(arguments[2]), false);
      var disk = new FaultyDisk(fault);
      Path folder = Path.of(arguments[3]);
      List<Path> inputs =
          Stream.of(arguments).skip(4).map(folder::resolve).map(disk::path).toList();
      work.run(inputs, disk.path(folder.resolve(work.outputName())));
    }
  }

  private static Set<Operation> operations(String name) {
    return name.equals("ALL")
        ? EnumSet.allOf(Operation.class)
        : EnumSet.of(Operation.valueOf(name));
  }

  @ParameterizedTest
  @CsvSource({
    "MERGE, TRANSFER, 1, false",
    "MERGE, WRITE, 1, false",
    "MERGE, FORCE, 1, false",
    "MERGE, LINK, 1, false",
    "MERGE, DELETE, 1, true",
    "MERGE_OVER, FORCE, 1, false",
    "MERGE_OVER, MOVE, 1, false",
    "MERGE_OVER, FORCE, 2, true"
  })
  void leavesAWholeFileOrNoneAtAMomentOfNote(
      SmallWork work, Operation before, int number, boolean published) throws Exception {
    var scene = new Scene(work, folder);
    assertThat(scene.kill(before.name(), number)).isEqualTo(KILLED);
    assertThat(scene.isDone()).isEqualTo(published);
    scene.assertNothingLost();
  }

  @ParameterizedTest
  @EnumSource
  @EnabledIfSystemProperty(named = "reliability", matches = "true")
  void leavesAWholeFileOrNoneBeforeEveryOperation(SmallWork work) throws Exception {
    var scene = new Scene(work, folder);
    int kills = 0;
    while (scene.kill("ALL", kills + 1) == KILLED) {
      kills++;
      scene.assertNothingLost();
    }
    System.out.println(work + ": killed before each of " + kills + " operations");
    assertThat(kills).isPositive();
  }

  /** The files of one piece of work. */
  private static final class Scene {
    private static final byte[] OLD = {'o', 'l', 'd'};

    private final SmallWork work;
    private final Path folder;
    private final List<Path> inputs;
    private final Path output;
    private final byte[] right;

    Scene(SmallWork work, Path folder) throws IOException {
      this.work = work;
      this.folder = folder;
      this.inputs = work.writeInputs(folder);
      this.output = folder.resolve(work.outputName());
      if (work.replaces()) {
        Files.write(output, OLD);
      }
      work.run(inputs, output);
      this.right = Files.readAllBytes(output);
    }

    int kill(String operations, int number) throws Exception {
      Files.deleteIfExists(output);
      if (work.replaces()) {
        Files.write(output, OLD);
      }
      var arguments =
          Stream.concat(
              Stream.of(work.name(), operations, String.valueOf(number), folder.toString()),
              inputs.stream().map(path -> path.getFileName().toString()));
      List<String> command = JavaProcess.command(Victim.class, arguments.toArray(String[]::new));
      return JavaProcess.end(JavaProcess.start(command)).code();
    }

    boolean isDone() throws IOException {
      return Files.exists(output) && Files.size(output) == right.length;
    }

    void assertNothingLost() throws IOException {
      if (isDone()) {
        assertThat(output).hasBinaryContent(right);
      } else if (work.replaces()) {
        assertThat(output).hasBinaryContent(OLD);
      } else {
        assertThat(output).doesNotExist();
      }
      Files.deleteIfExists(output);
      work.run(inputs, output);
      assertThat(output).hasBinaryContent(right);
      try (Stream<Path> files = Files.list(folder)) {
        assertThat(files.map(Path::toString).filter(name -> name.endsWith(".partial"))).isEmpty();
      }
    }
  }
}
