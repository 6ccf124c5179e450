package athanor.recipe.arguments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.recipe.LoraRequest;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
    assertUsage("pixel.safetensors@0,6", "the ratio is not a number", "0.6");
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
  void takesFullStrengthWhenNoRatiosAreGiven() {
    assertThat(LoraArguments.pair(List.of("a"), List.of()))
        .containsExactly(new LoraRequest("a", 1));
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
