package athanor.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProgressLogTest {
  private static final long SECOND = 1_000_000_000L;

  private final List<String> lines = new ArrayList<>();
  private long now = 7 * SECOND;

  private ProgressLog log(ProgressLog.Form form) {
    return new ProgressLog(lines::add, form, () -> now);
  }

  @Test
  void saysNothingForFiveSecondsAndThenALineEveryFive() {
    ProgressLog log = log(ProgressLog.Form.PLAIN);
    log.begin("merging", 1_000_000_000, 100);
    for (int tenths = 1; tenths <= 120; tenths++) {
      now += SECOND / 10;
      log.advance(5_000_000, tenths % 10 == 0 ? 1 : 0);
    }
    log.end();
    log.close();
    assertThat(lines)
        .containsExactly(
            "merging: 25 %, 250.0 MB of 1.00 GB, 5 of 100 tensors, 50.0 MB/s, 15.0 s left",
            "merging: 50 %, 500.0 MB of 1.00 GB, 10 of 100 tensors, 50.0 MB/s, 10.0 s left");
  }

  @Test
  void withoutItemsOrBytesItNamesNeither() {
    ProgressLog log = log(ProgressLog.Form.PLAIN);
    log.begin("reading", 0, 0);
    now += 6 * SECOND;
    log.advance(0, 0);
    assertThat(lines).hasSize(1);
    assertThat(lines.getFirst()).startsWith("reading: 0 %").doesNotContain("tensors", "NaN");
  }

  @Test
  void beginsAnewWithEachActivity() {
    ProgressLog log = log(ProgressLog.Form.PLAIN);
    log.begin("first", 100, 0);
    now += 4 * SECOND;
    log.advance(50, 0);
    log.begin("second", 100, 0);
    now += 4 * SECOND;
    log.advance(50, 0);
    assertThat(lines).isEmpty();
    now += SECOND;
    log.advance(25, 0);
    assertThat(lines).hasSize(1);
    assertThat(lines.getFirst()).startsWith("second: 75 %");
  }

  @Test
  void writesJsonForPrograms() {
    ProgressLog log = log(ProgressLog.Form.JSON);
    log.begin("merging", 200, 4);
    now += 5 * SECOND;
    log.advance(50, 1);
    assertThat(lines)
        .singleElement()
        .asString()
        .startsWith("{\"event\":\"progress\"")
        .contains("\"merging\"", "50", "200", "\"seconds\":5");
  }
}
