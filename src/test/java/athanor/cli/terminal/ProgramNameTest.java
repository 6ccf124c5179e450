package athanor.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProgramNameTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          see: athanor merge --help         | see: ./athanor merge --help
          athanor --version says it         | ./athanor --version says it
          ~/.cache/athanor is full          | ~/.cache/athanor is full
          in athanor-demo, by /opt/athanor x | in athanor-demo, by /opt/athanor x
          athanor COMMAND                   | ./athanor COMMAND
          """)
  void commandsAreShownAsTheyHaveToBeTyped(String text, String shown) {
    assertThat(ProgramName.in(text, "./athanor")).isEqualTo(shown);
    assertThat(ProgramName.in(text, "athanor")).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({"/my tools/athanor,\"/my tools/athanor\"", "../athanor,../athanor", "$(x),\"$(x)\""})
  void aPathWithBlanksIsQuoted(String called, String shown) {
    assertThat(ProgramName.in("athanor demo", called)).isEqualTo(shown + " demo");
  }
}
