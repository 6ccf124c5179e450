package athanor.job;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.testkit.Gen;
import athanor.testkit.MemoryFolder;
import athanor.testkit.disk.DiskLog;
import athanor.testkit.disk.FaultyDisk;
import athanor.testkit.disk.PowerCut;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The power fails at a thousand moments of a piece of work; what was not forced to the disk is
 * there, or not, or torn. The output is the old file, none, or the whole new one.
 */
class PowerCutTest {
  private static final int CUTS = 1000;
  private static final byte[] OLD = "old".getBytes(StandardCharsets.UTF_8);

  @TempDir(factory = MemoryFolder.class)
  private Path folder;

  @ParameterizedTest
  @EnumSource
  void leavesTheOldFileNoneOrTheWholeNewOne(SmallWork work) throws IOException {
    Work done = new Work(work, folder);
    Gen gen = Gen.seeded("power cuts in " + work);
    int[] found = new int[3];
    for (int i = 0; i < CUTS; i++) {
      int after = i <= done.disk.changes() ? i : gen.between(0, done.disk.changes());
      State state = done.stateAfter(done.disk, after, gen);
      assertThat(state)
          .as("after %d of %d changes", after, done.disk.changes())
          .isNotEqualTo(State.DAMAGED);
      found[state.ordinal()]++;
    }
    assertThat(done.stateAfter(done.disk, done.disk.changes(), gen)).isEqualTo(State.NEW);
    System.out.println(work + ": " + CUTS + " power cuts, " + Arrays.toString(found));
  }

  /** Shows that the test above can fail. */
  @ParameterizedTest
  @EnumSource
  void findsTheDamageThatADiskDoesWhichDoesNotForce(SmallWork work) throws IOException {
    Work done = new Work(work, folder);
    PowerCut lying = done.disk.onALyingDisk();
    Gen gen = Gen.fixed(3);
    boolean damaged = false;
    for (int i = 0; i < CUTS && !damaged; i++) {
      damaged = done.stateAfter(lying, lying.changes(), gen) == State.DAMAGED;
    }
    assertThat(damaged).isTrue();
  }

  private enum State {
    OLD,
    NONE,
    NEW,
    DAMAGED
  }

  /** One piece of work that was done, and what it did to the disk. */
  private static final class Work {
    private final Path output;
    private final Optional<byte[]> before;
    private final byte[] right;
    private final PowerCut disk;

    Work(SmallWork work, Path folder) throws IOException {
      var inputs = work.writeInputs(folder);
      output = folder.resolve(work.outputName());
      before = work.replaces() ? Optional.of(OLD) : Optional.empty();
      if (before.isPresent()) {
        Files.write(output, before.get());
      }
      var log = new DiskLog();
      FaultyDisk logging = FaultyDisk.logging(log);
      work.run(inputs.stream().map(logging::path).toList(), logging.path(output));
      right = Files.readAllBytes(output);
      disk = PowerCut.of(log);
    }

    State stateAfter(PowerCut cut, int after, Gen gen) {
      Optional<byte[]> content = cut.contentOf(output, after, before, gen);
      if (content.isEmpty()) {
        return before.isEmpty() ? State.NONE : State.DAMAGED;
      }
      if (Arrays.equals(content.get(), right)) {
        return State.NEW;
      }
      return before.isPresent() && Arrays.equals(content.get(), OLD) ? State.OLD : State.DAMAGED;
    }
  }
}
