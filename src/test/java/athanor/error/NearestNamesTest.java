package athanor.error;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NearestNamesTest {
  private static final List<String> KNOWN = List.of("OUTALL", "OUTD", "OUTS", "INALL", "MIDD");

  @Test
  void findsANameWithOneLetterMissing() {
    assertThat(NearestNames.of("OUTAL", KNOWN)).startsWith("OUTALL");
  }

  @Test
  void countsSwappedNeighboursAsOneChange() {
    assertThat(NearestNames.of("OTUS", KNOWN)).startsWith("OUTS");
  }

  @Test
  void ignoresLetterCase() {
    assertThat(NearestNames.of("inall", KNOWN)).startsWith("INALL");
  }

  @Test
  void putsTheNearestFirstAndStopsAtThree() {
    assertThat(NearestNames.of("OUTA", KNOWN)).containsExactly("OUTD", "OUTS", "OUTALL");
  }

  @Test
  void findsNothingForAnUnrelatedName() {
    assertThat(NearestNames.of("portrait", KNOWN)).isEmpty();
  }

  @Test
  void findsNothingForNothing() {
    assertThat(NearestNames.of("", KNOWN)).isEmpty();
  }
}
