package athanor.recipe.arguments;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.recipe.LoraRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LoraArgumentsTest {

  @ParameterizedTest
  @CsvSource({
    "pixel.safetensors@0.6, pixel.safetensors, 0.6",
    "pixel.safetensors, pixel.safetensors, 1",
    "pixel.safetensors@-0.25, pixel.safetensors, -0.25",
    "pixel.safetensors@2, pixel.safetensors, 2",
    "pixel.safetensors@.5, pixel.safetensors, 0.5",
    "pixel.safetensors@1e-1, pixel.safetensors, 0.1",
    "me@home/pixel.safetensors, me@home/pixel.safetensors, 1",
    "style@2.safetensors, style@2.safetensors, 1",
    "style@2.safetensors@0.5, style@2.safetensors, 0.5",
    "pixel.safetensors@0, pixel.safetensors, 0",
  })
  void readsAFileWithItsRatio(String text, String file, double ratio) {
    assertThat(LoraArguments.parse(text)).isEqualTo(new LoraRequest(file, ratio));
  }

  @Test
  void refusesADecimalCommaAndShowsThePoint() {
    assertUsage("pixel.safetensors@0,6", "the ratio is not spelled as here", "@0.6");
  }

  @Test
  void refusesARatioWithoutFile() {
    assertUsage("@0.6", "a ratio without a file name", "");
  }

  @Test
  void refusesARatioThatIsNotFinite() {
    assertThatThrownBy(() -> LoraArguments.ratio("1e999", "--ratios"))
        .isInstanceOf(AthanorException.class)
        .hasMessageContaining("not a number");
  }

  @Test
  void saysBothCountsWhenModelsAndRatiosDiffer() {
    List<String> five = List.of("a", "b", "c", "d", "e");
    assertThatThrownBy(() -> LoraArguments.pair(five, List.of(1.0, 1.0, 1.0, 1.0)))
        .isInstanceOfSatisfying(
            AthanorException.class,
            e -> {
              assertThat(e.problem().kind()).isEqualTo(Kind.USAGE);
              assertThat(e.problem().found()).hasValue("5 models and 4 ratios");
              assertThat(e.problem().help())
                  .hasValueSatisfying(h -> assertThat(h).contains("add 1"));
            });
  }

  @Test
  void refusesModelsWithoutRatiosAndSaysWhereTheyMayHaveGone() {
    assertThatThrownBy(() -> LoraArguments.pair(List.of("a.safetensors", "b"), List.of()))
        .isInstanceOfSatisfying(
            AthanorException.class,
            e -> {
              assertThat(e.problem().found()).hasValue("2 models and 0 ratios");
              assertThat(e.problem().help().orElse(""))
                  .contains("--ratios 1 1", "empty line", "backslash");
            });
  }

  @Test
  void takesLinksWithTheirOwnRatiosWithoutRatios() {
    List<LoraRequest> loras =
        LoraArguments.pair(
            List.of("hf:user/repo/a.safetensors@0.5", "civitai:12@345@0.6"), List.of());
    assertThat(loras.stream().map(lora -> lora.strength().ratio())).containsExactly(0.5, 0.6);
  }

  @Test
  void refusesModelsWithoutRatiosAlsoWhereOnlySomeLinksHaveThem() {
    assertThatThrownBy(() ->
            LoraArguments.pair(
                List.of("hf:user/repo/a.safetensors@0.5", "b.safetensors"), List.of()))
        .hasMessageContaining("2 models and 0 ratios");
  }

  @Test
  void showsTheRatiosThatModelsCarry() {
    for (String model : List.of("a.safetensors:0.7", "a.safetensors@0.7", "a.safetensors=70%")) {
      assertThatThrownBy(() -> LoraArguments.pair(List.of(model), List.of()))
          .isInstanceOfSatisfying(
              AthanorException.class,
              e -> assertThat(e.problem().help().orElse("")).contains("--ratios 0.7"));
      assertThatThrownBy(() -> LoraArguments.pair(List.of(model), List.of(0.5)))
          .hasMessageContaining("given twice");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a.safetensors:0.5 | a.safetensors | 0.5",
        "a.safetensors=0.5 | a.safetensors | 0.5",
        "a.safetensors 0.5 | a.safetensors | 0.5",
        "a.safetensors,0.5 | a.safetensors | 0.5",
        "a.safetensors*-0.5 | a.safetensors | -0.5",
        "a.safetensors: .5 | a.safetensors | 0.5",
        "a.safetensors:1 | a.safetensors | 1",
        "a.ckpt:60% | a.ckpt | 0.6",
        "a.safetensors@50% | a.safetensors | 0.5",
        "a@50 % | a | 0.5",
        "a.safetensors@0,5 | a.safetensors | 0.5",
        "a.safetensors@−0.5 | a.safetensors | -0.5",
        "dir/me@2.pt:0,25 | dir/me@2.pt | 0.25",
        "hf:user/repo/a.safetensors:0.5 | hf:user/repo/a.safetensors | 0.5",
        "https://example.org/a.safetensors@60% | https://example.org/a.safetensors | 0.6",
        "civitai:12@100% | civitai:12 | 1",
        "civitai:12@345@60% | civitai:12@345 | 0.6",
      })
  void understandsRatiosThatAreSpelledAsElsewhereAndSaysSo(String text, String file, double ratio) {
    List<String> notes = new ArrayList<>();
    assertThat(LoraArguments.parseTyped(List.of(text), notes::add))
        .containsExactly(new LoraRequest(file, ratio));
    assertThat(notes).singleElement().asString().contains("is taken as the ratio " + ratio);
    assertThatThrownBy(() -> LoraArguments.parse(text)).hasMessageContaining("not spelled as here");
  }

  @Test
  void keepsTheWeightsBehindARatioThatIsSpelledAsElsewhere() {
    LoraRequest lora =
        LoraArguments.parseTyped(List.of("a.safetensors:50%,te=0.3,lbw=OUTALL"), note -> {})
            .getFirst();
    assertThat(lora).isEqualTo(LoraArguments.parse("a.safetensors@0.5,te=0.3,lbw=OUTALL"));
  }

  @Test
  void takesANumberBehindAFileAsItsRatio() {
    List<String> notes = new ArrayList<>();
    assertThat(
            LoraArguments.parseTyped(
                List.of("a.safetensors", "0.5", "b.safetensors", "c.ckpt", "40%"), notes::add))
        .containsExactly(
            new LoraRequest("a.safetensors", 0.5),
            new LoraRequest("b.safetensors", 1),
            new LoraRequest("c.ckpt", 0.4));
    assertThat(notes).hasSize(2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "<lora:a:0.5> | --prompt \"<lora:a:0.5>\" --lora-dir",
        "<lyco:a:1:0.5> <lora:b:1> | --prompt",
        "a.safetensors:0.5:0.3 | a.safetensors@0.5,te=0.3",
        "a:1.0,b:-2.0 | a@1.0 b@-2.0",
        "a.safetensors@1.0,b.safetensors@0.5 | a.safetensors@1.0 b.safetensors@0.5",
        "a.safetensors=1, b.safetensors=2 | a.safetensors@1 b.safetensors@2",
        "a:0.5 | a.safetensors@0.5",
        "a=60% | a.safetensors@0.6",
        "0.5 | write each ratio behind its file",
        "a.safetensors@1,000 | a point",
      })
  void hintsAtTheRightSpellingOfWhatIsNotUnderstood(String text, String help) {
    assertThatThrownBy(() -> LoraArguments.parseTyped(List.of(text), note -> {}))
        .isInstanceOfSatisfying(
            AthanorException.class,
            e -> {
              assertThat(e.problem().kind()).isEqualTo(Kind.USAGE);
              assertThat(e.problem().help().orElse("")).contains(help);
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"a.safetensors", "b.safetensors,te=0.3", "a.safetensors@0.5"})
  void refusesANumberThatIsNoRatioOfTheFileBeforeIt(String before) {
    List<String> typed = List.of("x.safetensors", "0.5", before, "0.5", "0.25");
    assertThatThrownBy(() -> LoraArguments.parseTyped(typed, note -> {}))
        .hasMessageContaining("a number stands where a LoRA is expected");
  }

  @Test
  void aRatioOfItsOwnBelongsToTheFileBeforeItWhicheverOfTheTwoHasTheSign() {
    for (List<String> typed :
        List.of(
            List.of("a.safetensors", "@0.5"),
            List.of("a.safetensors@", "0.5"),
            List.of("a.safetensors@ 0.5"),
            List.of("a.safetensors @0.5"))) {
      assertThat(LoraArguments.parseTyped(typed, note -> {}))
          .as(typed.toString())
          .containsExactly(new LoraRequest("a.safetensors", 0.5));
    }
  }

  @Test
  void takesAFileAsItIsCalled(@TempDir Path folder) throws IOException {
    String odd = Files.createFile(folder.resolve("a.safetensors=0.5")).toString();
    assertThat(LoraArguments.parseTyped(List.of(odd), note -> {}))
        .containsExactly(new LoraRequest(odd, 1));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0.5 | 2 | 0.5",
        "0.5,0.4 | 0 | 0.5 0.4",
        "1,2,3 | 0 | 1.0 2.0 3.0",
        "0,5 | 0 | 0.5",
        "60% | 0 | 0.6",
        "0.5, | 0 | 0.5",
        "-1e-1 | 2 | -0.1"
      })
  void readsRatiosWithCommasAndPercent(String word, int said, String expected) {
    List<String> notes = new ArrayList<>();
    List<Double> ratios = LoraArguments.ratios(List.of(word), notes::add);
    assertThat(ratios.stream().map(String::valueOf).collect(joining(" "))).isEqualTo(expected);
    assertThat(notes.isEmpty()).isEqualTo(said == 2);
  }

  @Test
  void neverHelpsToANumberWithTwoPoints() {
    assertThatThrownBy(() -> LoraArguments.ratio("0.5,0.4", "--ratios"))
        .isInstanceOfSatisfying(
            AthanorException.class,
            e -> assertThat(e.problem().help().orElse("")).doesNotContain("0.5.0.4"));
  }

  private static void assertUsage(String text, String what, String help) {
    assertThatThrownBy(() -> LoraArguments.parse(text))
        .isInstanceOfSatisfying(
            AthanorException.class,
            e -> {
              assertThat(e.problem().kind()).isEqualTo(Kind.USAGE);
              assertThat(e.problem().what()).isEqualTo(what);
              assertThat(e.problem().help().orElse("")).contains(help);
            });
  }
}
