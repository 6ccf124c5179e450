package athanor.recipe.arguments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.error.Problem;
import athanor.merge.plan.BlockList;
import athanor.model.block.Block;
import athanor.model.block.BlockScheme;
import athanor.recipe.LoraInput;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PromptLoraTest {
  private static final String TWELVE = "1,0,0.5,1,1,1,1,1,1,1,1,-0.25";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "<lora:pixel> | pixel | 1 | 1 | ''",
        "<lora:pixel:0.7> | pixel | 0.7 | 0.7 | ''",
        "<lora:pixel:0.7:0.4> | pixel | 0.7 | 0.4 | ''",
        "<lora:pixel:0.7:0.4:lbw=OUTALL> | pixel | 0.7 | 0.4 | OUTALL",
        "<lora:pixel:lbw=OUTALL:0.7> | pixel | 0.7 | 0.7 | OUTALL",
        "<lora:pixel:te=0.2> | pixel | 0.2 | 0.2 | ''",
        "<lora:pixel:unet=0.2> | pixel | 1 | 0.2 | ''",
        "<lora:pixel:0.5:unet=0.2> | pixel | 0.5 | 0.2 | ''",
        "<lora:pixel:0.5:0.6:te=0> | pixel | 0 | 0.6 | ''",
        "<lora:pixel:te=-1:unet=2:w=MIDD> | pixel | -1 | 2 | MIDD",
        "<lora:pixel:1:OUTD> | pixel | 1 | 1 | OUTD",
        "<lora:pixel:0.7:" + TWELVE + "> | pixel | 0.7 | 0.7 | " + TWELVE,
        "<lora:pixel:1:1:lbw=" + TWELVE + "> | pixel | 1 | 1 | " + TWELVE,
        "<lyco:pixel:0.7:0.4:OUTS> | pixel | 0.7 | 0.4 | OUTS",
        "<LORA:My LoRA v1.5:0.7> | My LoRA v1.5 | 0.7 | 0.7 | ''",
        "<lora:styles/ink:0.7> | styles/ink | 0.7 | 0.7 | ''",
      })
  void readsACall(String prompt, String name, double te, double unet, String blocks) {
    PromptLora lora = PromptLora.parse(prompt).getFirst();

    assertThat(lora.name()).isEqualTo(name);
    assertThat(lora.textEncoderRatio()).isEqualTo(te);
    assertThat(lora.unetRatio()).isEqualTo(unet);
    assertThat(lora.blocks().map(BlockList::text).orElse("")).isEqualTo(blocks);
    assertThat(lora.notes()).isEmpty();
  }

  @Test
  void ignoresTheRestOfThePromptAndOtherNetworks() {
    List<PromptLora> loras =
        PromptLora.parse(
            "a (cat:1.2), <3, <hypernet:x:1> [b|c] <lora:one:0.5>, AND <lora:two:1> --neg");
    assertThat(loras).extracting(PromptLora::name).containsExactly("one", "two");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "dyn=8",
        "1:1:8",
        "lbwe=ATTNDEEPON",
        "start=5",
        "stop=10",
        "step=5-10",
        "foo=1",
        "1:1:OUTALL:ATTNOUT"
      })
  void notesWhatHasNoMeaningInAMerge(String argument) {
    PromptLora lora = PromptLora.parse("<lora:pixel:" + argument + ">").getFirst();
    assertThat(lora.notes()).singleElement().asString().contains("ignored");
  }

  @Test
  void takesTheUnetsRatioAsTheRatioOfTheLora() {
    LoraInput both = PromptLora.parse("<lora:a:0.7:0.4>").getFirst().input(Path.of("a"));
    LoraInput equal = PromptLora.parse("<lora:a:0.7:0.7>").getFirst().input(Path.of("a"));

    assertThat(both.strength().ratio()).isEqualTo(0.4);
    assertThat(both.strength().textEncoderRatio()).hasValue(0.7);
    assertThat(equal).isEqualTo(new LoraInput(Path.of("a"), 0.7));
  }

  @Test
  void leavesOutBlocksThatTheWeightsDoNotNameAsTheExtensionDoes() {
    BlockList list = PromptLora.parse("<lora:a:1:lbw=ALL>").getFirst().blocks().orElseThrow();
    assertThat(list.weights().factor(block("OUT11"))).isEqualTo(1);
    assertThat(list.weights().factor(block("OUT00"))).isZero();
  }

  @Test
  void refusesAPromptWithoutALora() {
    assertThat(failure("a cat").help().orElseThrow()).contains("quote the prompt");
    assertThat(failure("<lora:>").what()).isEqualTo("the prompt calls no LoRA");
    assertThat(failure("<lora: :1>").what()).isEqualTo("a LoRA without a name");
  }

  @Test
  void refusesARatioThatIsNoNumber() {
    assertThat(failure("<lora:a:high>").where()).hasValue("<lora:a:high>");
    assertThat(failure("<lora:a:0,7>").help().orElseThrow()).contains("0.7");
    assertThat(failure("<lora:a:te=x>").what()).isEqualTo("the ratio is not a number");
  }

  @Test
  void refusesAnUnknownPresetAndAWrongCount() {
    assertThat(failure("<lora:a:1:1:lbw=OUTAL>").help().orElseThrow()).contains("OUTALL");
    assertThat(failure("<lora:a:1:1:lbw=1,0>").found()).hasValue("2 weights");
  }

  private static Problem failure(String prompt) {
    AthanorException e =
        catchThrowableOfType(AthanorException.class, () -> PromptLora.parse(prompt));
    assertThat(e).isNotNull();
    assertThat(e.problem().kind()).isEqualTo(Kind.USAGE);
    return e.problem();
  }

  private static Block block(String name) {
    return BlockScheme.named("unet").block(name);
  }
}
