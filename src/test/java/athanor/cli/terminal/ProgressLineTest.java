package athanor.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProgressLineTest {
  private static final long SECOND = 1_000_000_000;

  private final ByteArrayOutputStream terminal = new ByteArrayOutputStream();
  private final AtomicLong clock = new AtomicLong();
  private final AtomicInteger width = new AtomicInteger(100);
  private final ProgressLine line =
      new ProgressLine(
          new PrintStream(terminal, true, StandardCharsets.UTF_8), width::get, clock::get);

  private String drawn() {
    String all = terminal.toString(StandardCharsets.UTF_8);
    return all.substring(all.lastIndexOf('\r') + 1);
  }

  private void advance(double seconds, long bytes) {
    clock.addAndGet((long) (seconds * SECOND));
    line.advance(bytes, 0);
  }

  @Test
  void saysWhatIsDoneHowMuchHowFastAndHowLongStill() {
    line.begin("merging", 2_000_000_000, 0);
    for (int i = 0; i < 20; i++) {
      advance(0.2, 40_000_000);
    }
    assertThat(drawn())
        .startsWith("merging   40 %  [============                  ]")
        .endsWith("  800.0 MB of 2.00 GB  200.0 MB/s  0:06 left");
  }

  @ParameterizedTest
  @ValueSource(ints = {20, 30, 40, 60, 79, 80, 132})
  void neverReachesTheEdgeOfTheWindowAlsoAfterItWasResized(int columns) {
    line.begin("merging", 2_000_000_000, 0);
    advance(2, 500_000_000);
    width.set(columns);
    line.end();
    line.begin("merging", 2_000_000_000, 0);
    advance(2, 500_000_000);
    assertThat(drawn()).startsWith("merging   25 %".substring(0, 13)).hasSizeLessThan(columns);
  }

  @Test
  void leavesAnEmptyLineBehind() {
    line.begin("merging", 1000, 0);
    advance(1, 500);
    int length = drawn().length();
    terminal.reset();
    line.end();
    assertThat(terminal.toString(StandardCharsets.UTF_8))
        .isEqualTo("\r" + " ".repeat(length) + "\r");
    terminal.reset();
    line.close();
    advance(1, 500);
    assertThat(terminal.size()).isZero();
  }

  @Test
  void countsItemsWhereBytesAreUnknown() {
    line.begin("checking", 0, 40);
    clock.addAndGet(2 * SECOND);
    line.advance(0, 10);
    assertThat(drawn()).contains("checking   25 %", "10 of 40", "0:06 left").doesNotContain("/s");
  }
}
