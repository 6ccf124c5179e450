package athanor.card;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.error.PrintableText;
import athanor.merge.plan.MergeOptions;
import athanor.merge.plan.Strength;
import athanor.recipe.InputOrigin;
import athanor.recipe.Provenance;
import athanor.testkit.Gen;
import athanor.testkit.Known;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a file says of itself stays one piece of text in its place. */
class HostileCardTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<!-- athanor:end -->",
        "\n<!-- athanor:end -->\n",
        "-->",
        "</code></td></table><h1>x",
        "[x](javascript:alert(1))",
        "![x](https://evil.example/track.png)",
        "](https://evil.example)",
        "https://evil.example",
        "www.evil.example ann@evil.example | http://evil.example",
        "a | b | c",
        "a \\| b",
        "a \\\\| b",
        "x\\",
        "`",
        "``",
        "a`b``c```d",
        "```\n# owned\n```",
        "\n\n# owned\n\n",
        "\n---\nlicense: mit\n---\n",
        "---",
        "license: mit",
        "*bold* _it_ ~~no~~ **b**",
        "# owned",
        "&lt;script&gt; &#60;b&#62;",
        "{{ 7*7 }} ${x} $x^2$",
        "\u202egnp.exe",
        "\u0000\u0007\u001b[31m",
        "a\tb\rc\u2028d\u2029e\u0085f",
        "\ud800",
        "é 漢字 \ud83d\ude00",
        "\"; import os; os.system(\"x\") #",
        "\\\"); import os #",
        "null",
        "no",
        "1.10",
        "2024-01-01",
        "12:30:45",
        "0x1F",
        "@me",
        "%YAML 1.1",
        "!!binary x",
        "&a *a",
        "? x : y",
        "- x",
        ": ",
        "' \" '",
        ""
      })
  void staysInert(String hostile) {
    assertSound(hostile);
    assertSound("word " + hostile + " word");
  }

  @Test
  void veryLongTextsAreCut() {
    assertSound("x`|<".repeat(100_000));
    assertThat(ModelCard.create(facts("x`|<".repeat(100_000), true), CardOptions.NONE).length())
        .isLessThan(60_000);
  }

  @Test
  void frontMatterParsesToTheSameValues() {
    Gen gen = Gen.seeded("front matter to YAML and back");
    for (int round = 0; round < 3000; round++) {
      Map<String, Object> values =
          Map.of(
              "license",
              text(gen),
              "tags",
              IntStream.range(0, gen.between(0, 3)).mapToObj(i -> text(gen)).toList());
      String yaml = FrontMatter.write(values);
      assertThat(FrontMatter.read(yaml)).as(yaml).isEqualTo(values);
      assertThat(yaml.lines().toList()).noneMatch(line -> line.equals("---") || line.equals("..."));
    }
  }

  @Test
  void anyMetadataMakesASoundCard() {
    Gen gen = Gen.seeded("cards of random metadata");
    for (int round = 0; round < 60; round++) {
      assertSound(text(gen));
    }
  }

  /** Every text of the facts is the hostile one; the card has the form of any other. */
  private static void assertSound(String hostile) {
    for (boolean lora : List.of(false, true)) {
      CardFacts facts = facts(hostile, lora);
      String card = ModelCard.create(facts, CardOptions.NONE);
      assertForm(facts, card);
      assertThat(ModelCard.update(card, facts, CardOptions.NONE)).isEqualTo(card);
    }
  }

  private static void assertForm(CardFacts facts, String card) {
    String words = PrintableText.line(String.join(", ", facts.triggerWords()));
    Map<?, ?> front = CardReader.frontMatter(card);
    assertThat(front.containsKey("license")).isFalse();
    assertThat(front.get("instance_prompt")).isEqualTo(facts.lora() ? words : null);
    assertThat(card.codePoints().boxed())
        .noneMatch(point -> point != '\n' && Character.isISOControl(point))
        .noneMatch(point -> Character.getType(point) == Character.FORMAT);
    var reader = new CardReader(card);
    assertThat(reader.headings.subList(1, reader.headings.size()))
        .containsExactly("Recipe", "Trigger words", "Credits", "File", "How to use", "Licence");
    assertThat(reader.images).isZero();
    assertThat(reader.rows).containsExactly(1 + facts.inputs().size(), facts.lora() ? 6 : 5);
    assertThat(reader.html).allMatch(html -> html.matches("</?code>|<!-- athanor:(begin|end) -->"));
    assertThat(reader.addresses)
        .allMatch(address -> address.equals("https://example.com/a%20%28b%29.ckpt"));
    assertThat(reader.blocks).hasSize(2);
    assertThat(reader.blocks.getFirst()).startsWith("json\n{");
    assertThat(Provenance.parse(reader.blocks.getFirst().substring(5))).isEqualTo(facts.recipe());
    assertThat(reader.blocks.getLast().lines().filter(line -> line.startsWith("import")))
        .containsExactly("import torch");
  }

  /** A recipe as it can be read from a file: one line each. */
  private static CardFacts facts(String hostile, boolean lora) {
    String line = PrintableText.line("w" + hostile);
    String name = line.replaceAll("[/\\\\]", "_");
    var origin =
        new InputOrigin(
            Optional.of(CardSample.HASH),
            Optional.of("https://example.com/a (b).ckpt"),
            Optional.empty(),
            List.of(line),
            Optional.of(line),
            Optional.of(line),
            Optional.of(line));
    String fileName =
        name.codePoints()
            .limit(120)
            .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
            .toString();
    var input =
        new Provenance.Input(fileName, 1, Optional.empty(), Optional.of(Strength.of(0.5)), origin);
    var recipe =
        new Provenance(
            line,
            lora ? Optional.empty() : Optional.of(CardSample.base(fileName, origin)),
            List.of(input, input),
            MergeOptions.defaults(),
            Optional.empty(),
            false,
            Optional.empty());
    Optional<String> said = Optional.of(hostile);
    return new CardFacts(
        hostile + ".safetensors",
        1,
        lora,
        Optional.of(Known.SDXL),
        Set.of(),
        hostile,
        new CardFacts.Hashes(
            CardSample.HASH, lora ? Optional.of(CardSample.HASH) : Optional.empty()),
        Optional.of(recipe),
        new CardFacts.Words(List.of(hostile, "w"), List.of(hostile), said, said, said, said));
  }

  /** Letters, marks of Markdown, HTML and YAML, controls, surrogates, anything. */
  private static String text(Gen gen) {
    String marks = "<>&|`\\*_[]()#!-+:;'\"{}%@~?,=/$ \n\t0123456789";
    var text = new StringBuilder();
    for (int i = gen.between(0, 30); i > 0; i--) {
      text.appendCodePoint(
          switch (gen.between(0, 4)) {
            case 0 -> gen.between('a', 'z');
            case 1 -> marks.codePointAt(gen.between(0, marks.length() - 1));
            case 2 -> gen.between(0, 0xff);
            case 3 -> gen.between(0x2000, 0x206f);
            default -> gen.oneOf(0xfeff, 0x1f600, 0xfffe, 0x85, 0x10ffff, 0xe000, 0x6f22);
          });
    }
    return text.toString();
  }
}
