package athanor.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import athanor.error.AthanorException;
import athanor.progress.Progress;
import athanor.testkit.CommandLineRun;
import athanor.testkit.JavaProcess;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Merges onto a real disk that fills up after the free space was looked at: at once, in the middle,
 * at the last page. The disk is a tmpfs of 128 MB in a mount namespace of its own, so the test
 * needs Linux and the right to make one; without that it is skipped.
 */
class SmallDiskTest {
  private static final int PAGE = 4096;

  @TempDir private Path folder;

  @BeforeAll
  static void needsADiskOfItsOwn() throws Exception {
    Path probe = Files.createTempDirectory("athanor-disk");
    try {
      var command = onSmallDisk(probe, List.of("true"));
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      boolean mounted = process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
      assumeThat(mounted).as("skipped: this user may not mount a tmpfs of its own").isTrue();
    } catch (IOException e) {
      assumeThat(false).as("skipped: there is no unshare here").isTrue();
    } finally {
      Files.delete(probe);
    }
  }

  private static List<String> onSmallDisk(Path mountPoint, List<String> command) {
    boolean root = System.getProperty("user.name").equals("root");
    var all = new ArrayList<String>(List.of("unshare", root ? "-m" : "-rm", "sh", "-c"));
    all.add("mount -t tmpfs -o size=128m tmpfs \"$0\" && exec \"$@\"");
    all.add(mountPoint.toString());
    all.addAll(command);
    return all;
  }

  @Test
  void leavesTheOldFileOrNoneWhenTheDiskFillsUp() throws Exception {
    CommandLineRun run =
        JavaProcess.end(
            JavaProcess.start(
                onSmallDisk(folder, JavaProcess.command(Filler.class, folder.toString()))));
    assertThat(run.code()).as(run.out()).isZero();
    assertThat(run.out()).doesNotContain("\tat ");
    assertThat(run.out().lines().filter(line -> line.contains("No space left")))
        .as(run.out())
        .hasSize(Filler.FULL_CASES);
    assertThat(run.out()).contains("with room: done");
  }

  /** What runs on the small disk: the same merge with less and less room. */
  static final class Filler {
    static final int FULL_CASES = 6;

    private Filler() {}

    public static void main(String[] arguments) throws IOException {
      Path folder = Path.of(arguments[0]);
      List<Path> inputs = SmallWork.MERGE.writeInputs(folder);
      Path expected = folder.resolve("expected.safetensors");
      SmallWork.merge(inputs, expected, false, 2, Progress.NONE);
      byte[] right = Files.readAllBytes(expected);
      long pages = (right.length + PAGE - 1) / PAGE;
      for (boolean old : new boolean[] {false, true}) {
        for (long room : new long[] {0, pages / 2, pages - 1}) {
          merge(folder, inputs, right, old, room);
        }
      }
      merge(folder, inputs, right, true, pages + 2);
    }

    private static void merge(
        Path folder, List<Path> inputs, byte[] right, boolean old, long roomPages)
        throws IOException {
      Path output = folder.resolve("out.safetensors");
      Path filler = folder.resolve("filler");
      Files.deleteIfExists(output);
      if (old) {
        Files.writeString(output, "old");
      }
      boolean done = false;
      try {
        SmallWork.merge(inputs, output, old, 2, new FillingUp(filler, roomPages * PAGE));
        done = true;
      } catch (AthanorException e) {
        System.out.println(e.problem().kind() + " " + e.problem().line());
      }
      Files.deleteIfExists(filler);
      System.out.println(done ? "with room: done" : "not done");
      boolean sound =
          done
              ? Arrays.equals(Files.readAllBytes(output), right)
              : old ? Files.readString(output).equals("old") : Files.notExists(output);
      try (Stream<Path> files = Files.list(folder)) {
        if (!sound || files.anyMatch(file -> file.toString().endsWith(".partial"))) {
          System.out.println("something wrong was left behind with room for " + roomPages);
          System.exit(1);
        }
      }
    }
  }

  /** Someone else, who takes all room but this when the merge begins to write. */
  private record FillingUp(Path filler, long room) implements Progress {
    @Override
    public void begin(String activity, long totalBytes, int totalItems) {
      try (OutputStream out = Files.newOutputStream(filler)) {
        long left = Files.getFileStore(filler).getUsableSpace() - room;
        byte[] piece = new byte[1 << 20];
        for (; left > 0; left -= piece.length) {
          out.write(piece, 0, (int) Math.min(left, piece.length));
        }
      } catch (IOException e) {
        System.out.println("filled up: " + e.getMessage());
      }
    }

    @Override
    public void advance(long bytes, int items) {}

    @Override
    public void end() {}
  }
}
