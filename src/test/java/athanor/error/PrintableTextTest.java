package athanor.error;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PrintableTextTest {

  @Test
  void keepsWhatPeopleCanRead() {
    String text = "lora_unet_down.weight «été» 日本 😀";
    assertThat(PrintableText.of(text)).isEqualTo(text);
  }

  @Test
  void escapesTerminalSequencesAndLineBreaks() {
    assertThat(PrintableText.of("a\u001b[31mred\r\nb\u007f\u009b"))
        .isEqualTo("a\\u001b[31mred\\r\\nb\\u007f\\u009b");
  }

  @Test
  void escapesBidirectionalOverridesAndInvisibleCharacters() {
    assertThat(PrintableText.of("safe\u202egpj.\u2066x\u200b\ufeff\u2028"))
        .isEqualTo("safe\\u202egpj.\\u2066x\\u200b\\ufeff\\u2028");
  }

  @Test
  void escapesUnpairedSurrogates() {
    assertThat(PrintableText.of("a\ud800b")).isEqualTo("a\\ud800b");
  }

  @Test
  void cutsLongTextWithoutSplittingACharacter() {
    assertThat(PrintableText.of("ab😀cd", 3)).isEqualTo("ab…");
    assertThat(PrintableText.of("abc", 3)).isEqualTo("abc");
  }

  @Test
  void everyPartOfAProblemIsPrintable() {
    Problem problem =
        Problem.badFile("bad\u001b[2J")
            .at("na\nme")
            .found("\u202ex")
            .expected("\u0000")
            .help("first line\nsecond \u001b line");
    assertThat(problem.line())
        .isEqualTo("na\\nme: bad\\u001b[2J: found \\u202ex (expected: \\u0000)");
    assertThat(problem.help()).contains("first line\nsecond \\u001b line");
  }
}
