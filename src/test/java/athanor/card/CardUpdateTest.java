package athanor.card;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.error.AthanorException;
import athanor.error.Kind;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CardUpdateTest {
  private static final CardOptions MIT = new CardOptions(Optional.empty(), Optional.of("mit"));

  @Test
  void keepsKeysOrderCommentsAndBody() {
    String existing =
        """
        ---
        # mine
        tags: [a, b]   # two
        license: other
        language:
          - "de"
        pipeline_tag: text-to-image
        ---

        # My model

        Hello *world*.
        """;
    String updated = update(existing);
    assertThat(updated)
        .startsWith(
            """
            ---
            # mine
            tags: [a, b]   # two
            license: other
            language:
              - "de"
            pipeline_tag: text-to-image
            library_name: diffusion-single-file
            base_model: ann/sd15
            base_model_relation: merge
            ---

            # My model

            Hello *world*.

            <!-- athanor:begin -->
            """)
        .endsWith("<!-- athanor:end -->\n")
        .contains("`other`, Other. Name it with `license_name:`")
        .doesNotContain("Not set yet");
    assertThat(update(updated)).as("again").isEqualTo(updated);
  }

  @Test
  void replacesItsOwnSectionAndNothingElse() {
    String card = ModelCard.create(CardSample.mix(), CardOptions.NONE);
    String mine = card.replace("# my mix", "# My mix\n\nBefore.").concat("\nAfter.\n");
    assertThat(update(mine.replace("| 0.6 |", "| 0.7 |"))).isEqualTo(mine);
  }

  @Test
  void replacesALicenceOnlyWhenTold() {
    String existing = "---\nlicense: gpl-3.0\nextra: {a: 1.5, b: [no, 'x: y']}\n---\nText\n";
    assertThat(CardReader.frontMatter(update(existing)).get("license")).isEqualTo("gpl-3.0");
    String told = ModelCard.update(existing, CardSample.mix(), MIT);
    assertThat(CardReader.frontMatter(told).get("license")).isEqualTo("mit");
    assertThat(CardReader.frontMatter(told).get("extra"))
        .isEqualTo(CardReader.frontMatter(existing).get("extra"));
    assertThat(told).startsWith("---\nlicense: mit\nextra:\n").contains("`mit`, MIT.", "\nText\n");
  }

  @Test
  void extendsAMappingInBraces() {
    String updated = update("---\n{license: mit, tags: [x]}\n---\nText\n");
    assertThat(CardReader.frontMatter(updated).get("tags")).isEqualTo(List.of("x"));
    assertThat(CardReader.frontMatter(updated).get("base_model")).isEqualTo("ann/sd15");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\n",
        "Just text",
        "Just text\n",
        "---\n---\n",
        "---\n---",
        "---\n# only a comment\n---\nText\n",
        "---\nno end: of it\n",
        "\ufeff---\nlicense: mit\n---\nText\n",
        "--- \nlicense: mit\n---\t\nText\n"
      })
  void addsWhatIsMissingWhateverIsThere(String existing) {
    String updated = update(existing);
    assertThat(updated).startsWith("---\n");
    assertThat(CardReader.frontMatter(updated).get("base_model")).isEqualTo("ann/sd15");
    assertThat(updated.split("## Recipe")).hasSize(2);
    if (existing.endsWith("ext\n")) {
      assertThat(updated).contains("ext\n\n<!-- athanor:begin -->\n");
    }
    assertThat(update(updated)).isEqualTo(updated);
  }

  @Test
  void keepsTheLineEndsOfWindows() {
    String updated = update("---\r\nlicense: mit\r\n---\r\n# Mine\r\n");
    assertThat(updated.replace("\r\n", "")).doesNotContain("\n");
    assertThat(updated).startsWith("---\r\nlicense: mit\r\nlibrary_name");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "license: [",
        "- a\n- b",
        "just text",
        "a: 1\na: 2",
        "a: !!java/object 1",
        "b: \t- c: :\n x",
        "license: \"\\q\""
      })
  void refusesFrontMatterThatNobodyCanRead(String yaml) {
    assertRefused("---\n" + yaml + "\n---\nText\n");
  }

  @Test
  void refusesDeepAndLargeFrontMatter() {
    assertRefused("---\na: " + "[".repeat(100_000) + "\n---\n");
    assertRefused("---\na: " + "x".repeat(1 << 21) + "\n---\n");
    var bomb = new StringBuilder("---\na0: &a0 [x]\n");
    for (int i = 1; i < 12; i++) {
      String alias = "*a" + (i - 1);
      bomb.append("a" + i + ": &a" + i + " [" + (alias + ", ").repeat(8) + alias + "]\n");
    }
    assertRefused(bomb + "---\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<!-- athanor:begin -->\n",
        "<!-- athanor:end -->\n<!-- athanor:begin -->\n",
        "<!-- athanor:end -->",
        "<!-- athanor:begin -->\n<!-- athanor:begin -->\n<!-- athanor:end -->\n"
      })
  void refusesMarksThatAreNoPair(String body) {
    assertRefused(body);
  }

  private static void assertRefused(String existing) {
    assertThatThrownBy(() -> update(existing))
        .isInstanceOfSatisfying(
            AthanorException.class,
            e -> {
              assertThat(e.problem().kind()).isEqualTo(Kind.BAD_FILE);
              assertThat(e.problem().help().orElse("")).contains("--overwrite");
            });
  }

  private static String update(String existing) {
    return ModelCard.update(existing, CardSample.mix(), CardOptions.NONE);
  }
}
