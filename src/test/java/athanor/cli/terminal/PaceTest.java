package athanor.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;

/** The time left is right within a factor of two, three seconds after the begin and later. */
class PaceTest {
  private static final double TOTAL = 10_000;
  private static final double STEP = 0.1;

  /** Bytes a second at a time; the run ends when 10000 bytes are done. */
  private static void assertForesees(String what, DoubleUnaryOperator rate) {
    double end = 0;
    for (double done = 0; done < TOTAL; end += STEP) {
      done += STEP * rate.applyAsDouble(end);
    }
    var pace = new Pace();
    double done = 0;
    for (double time = STEP; time < end - 1; time += STEP) {
      done += STEP * rate.applyAsDouble(time - STEP);
      pace.note(time, (long) done);
      if (time >= 3) {
        double left = pace.secondsLeft((long) TOTAL).orElseThrow();
        assertThat(left / (end - time)).as("%s at %.1f s", what, time).isBetween(0.5, 2.0);
      }
    }
  }

  @Test
  void ofASteadyRun() {
    assertForesees("steady", _ -> 500);
  }

  @Test
  void ofARunThatBeginsLate() {
    assertForesees("late", time -> time < 1.2 ? 10 : 500);
  }

  @Test
  void ofARunThatSlowsDown() {
    assertForesees("slower", time -> time < 10 ? 500 : 300);
  }

  @Test
  void ofAnUnsteadyRun() {
    long seed = System.nanoTime();
    var random = new Random(seed);
    double[] rates = random.doubles(1000, 300, 700).toArray();
    assertForesees("unsteady, seed " + seed, time -> rates[(int) Math.round(time / STEP) % 1000]);
  }

  @Test
  void nothingIsForeseenInTheFirstSecondOrOfNothing() {
    var pace = new Pace();
    pace.note(0.9, 500);
    assertThat(pace.rate()).isEmpty();
    pace = new Pace();
    pace.note(5, 0);
    assertThat(pace.secondsLeft(100)).isEmpty();
  }
}
