package athanor.hub;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.testkit.Gen;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafeNameTest {
  @ParameterizedTest
  @CsvSource({
    "a.safetensors, a.safetensors",
    "../../.ssh/authorized_keys, authorized_keys",
    "..\\..\\x.bin, x.bin",
    "C:\\x.bin, x.bin",
    "/etc/passwd, passwd",
    "x.safetensors:ads, x.safetensors_ads",
    "CON, _CON",
    "nul.safetensors, _nul.safetensors",
    "Lpt1.bin, _Lpt1.bin",
    "console.bin, console.bin",
    ".bashrc, bashrc",
    "-rf, rf",
    "a<b>c?.bin, a_b_c_.bin",
    "x.bin.  , x.bin",
    "über größe.bin, über größe.bin"
  })
  void makesHarmless(String name, String safe) {
    assertThat(SafeName.of(name, "fallback")).isEqualTo(safe);
  }

  @Test
  void dropsWhatCannotBeSeen() {
    assertThat(SafeName.of("a\u202Egnp.bin\n\u0000\u001b[1m", "x")).isEqualTo("agnp.bin[1m");
  }

  @Test
  void fallsBackWhenNothingIsLeft() {
    for (String name : new String[] {"", ".", "..", "///", "...", "\n", " . "}) {
      assertThat(SafeName.of(name, "fallback")).as(name).isEqualTo("fallback");
    }
  }

  @Test
  void shortensAndKeepsTheExtension() {
    String name = SafeName.of("😀".repeat(300) + ".safetensors", "x");

    assertThat(name).endsWith(".safetensors");
    assertThat(name.getBytes(StandardCharsets.UTF_8).length).isLessThanOrEqualTo(180);
    assertThat(name).doesNotContain("\uFFFD");
  }

  @Test
  void isAlwaysOneHarmlessComponent() {
    Gen gen = Gen.seeded("isAlwaysOneHarmlessComponent");
    String alphabet = "ab./\\:*?\"<>|-~ \n\u0000\u202e\u00fc\ud83d\ude00COMN1";
    for (int i = 0; i < 20_000; i++) {
      var text = new StringBuilder();
      for (int n = gen.between(0, 20); n > 0; n--) {
        text.append(alphabet.charAt(gen.between(0, alphabet.length() - 1)));
      }
      String safe = SafeName.of(text.toString(), "fallback");
      Path folder = Path.of("/models");
      assertThat(folder.resolve(safe).normalize().getParent())
          .as(text.toString())
          .isEqualTo(folder);
      assertThat(safe).doesNotContainPattern("[/\\\\:*?\"<>|\\p{Cntrl}]").doesNotStartWith(".");
    }
  }

  @Test
  void addsBeforeTheExtension() {
    assertThat(SafeName.with("style.safetensors", "1a2b")).isEqualTo("style-1a2b.safetensors");
    assertThat(SafeName.with("style", "2")).isEqualTo("style-2");
  }

  @Test
  void givesNoServerANameOfThisProgramsOwnFiles() {
    for (String name :
        new String[] {
          "x.safetensors.athanor-part",
          "x.safetensors.athanor-part.json",
          "x.ATHANOR-PART.json.new",
          "x.athanor-copy",
          "x.bin.partial"
        }) {
      assertThat(SafeName.of(name, "download").toLowerCase(java.util.Locale.ROOT))
          .as(name)
          .doesNotContain(".athanor-")
          .doesNotEndWith(".partial");
    }
    assertThat(SafeName.of("x.safetensors.athanor-part", "download"))
        .isEqualTo("x.safetensors_athanor-part");
  }
}
