package athanor.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
  private final ByteArrayOutputStream screen = new ByteArrayOutputStream();
  private final ProgressLine line =
      new ProgressLine(new PrintStream(screen, true, StandardCharsets.UTF_8), 120);

  private String shown() {
    return screen.toString(StandardCharsets.UTF_8);
  }

  @Test
  void showsActivityShareAndTensors() {
    line.begin("merging", 200_000_000, 10);
    line.advance(100_000_000, 5);
    line.advance(50_000_000, 1);
    line.end();
    assertThat(shown()).contains("merging", "75%", "6/10 tensors");
  }

  @Test
  void countsTensorsWhereNoBytesAreKnown() {
    line.begin("finding", 0, 4);
    line.advance(999, 1);
    line.close();
    assertThat(shown()).contains("finding", "25%", "1/4 tensors");
  }

  @Test
  void countsBytesEvenIfThereAreAsManyTensors() {
    line.begin("reading", 8, 8);
    line.advance(6, 1);
    line.end();
    assertThat(shown()).contains("75%", "1/8 tensors");
  }

  @Test
  void aSecondActivityTakesTheLineOfTheFirst() {
    line.begin("first", 10, 0);
    line.begin("second", 10, 0);
    line.advance(10, 0);
    line.end();
    assertThat(shown()).contains("second", "100%").doesNotContain("tensors");
  }

  @Test
  void nothingIsShownOfWorkThatHasNotBegun() {
    line.advance(5, 1);
    line.end();
    line.close();
    assertThat(shown()).isEmpty();
  }
}
