package athanor.recipe.arguments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.error.Problem;
import athanor.recipe.LoraRequest;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LoraStrengthTest {
  private static final String TWELVE = "1,0,0.5,1,1,1,1,1,1,1,1,-0.25";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "p.safetensors@0.6,te=0.3 | p.safetensors | 0.6 | te 0.3",
        "p.safetensors,te=0 | p.safetensors | 1 | te 0",
        "p.safetensors@0.6 , te=-1 | p.safetensors | 0.6 | te -1",
        "p.safetensors@0.6,lbw=outall | p.safetensors | 0.6 | lbw OUTALL",
        "p.safetensors@0.6,lbw=ALL0.5,te=1 | p.safetensors | 0.6 | te 1, lbw ALL0.5",
        "p.safetensors@-2,lbw=" + TWELVE + " | p.safetensors | -2 | lbw " + TWELVE,
        "p.safetensors,lbw=" + TWELVE + ",te=0.5 | p.safetensors | 1 | te 0.5, lbw " + TWELVE,
        "p.safetensors,lbw=1:0:0.5:1:1:1:1:1:1:1:1:-0.25 | p.safetensors | 1 | lbw " + TWELVE,
        "p.safetensors,lbw=[" + TWELVE + "] | p.safetensors | 1 | lbw " + TWELVE,
        "p.safetensors@1,only=attn1,attn2,skip=to_v,only=ff | p.safetensors | 1 |"
            + " only attn1,attn2,ff, skip to_v",
        "p.safetensors,skip=*.ff.* | p.safetensors | 1 | skip *.ff.*",
        "ink,te=0.5 | ink | 1 | te 0.5",
        "a,b.safetensors@0.5,te=0.1 | a,b.safetensors | 0.5 | te 0.1",
        "odd,x=1.safetensors@0.5 | odd,x=1.safetensors | 0.5 | ''",
        "p,x.safetensors | p,x.safetensors | 1 | ''",
        "style@2.safetensors@0.5,te=1 | style@2.safetensors | 0.5 | te 1",
      })
  void readsWeightsBehindTheRatio(String text, String file, double ratio, String weights) {
    LoraRequest lora = LoraArguments.parse(text);

    assertThat(lora.input().text()).isEqualTo(file);
    assertThat(lora.strength().ratio()).isEqualTo(ratio);
    assertThat(lora.strength().partsText()).isEqualTo(weights);
  }

  @Test
  void modelsInKohyasSpellingCarryWeightsToo() {
    List<LoraRequest> inputs =
        LoraArguments.pair(List.of("a@2,te=0.5", "b.safetensors"), List.of(0.25, 1.0));

    assertThat(inputs.getFirst().input().text()).isEqualTo("a@2");
    assertThat(inputs.getFirst().strength().ratio()).isEqualTo(0.25);
    assertThat(inputs.getFirst().strength().partsText()).isEqualTo("te 0.5");
    assertThat(inputs.getLast()).isEqualTo(new LoraRequest("b.safetensors", 1));
  }

  @Test
  void suggestsTheNearestWeightForAnUnknownOne() {
    Problem problem = usage("p.safetensors@0.6,lwb=OUTALL");
    assertThat(problem.what()).isEqualTo("there is no weight of this name");
    assertThat(problem.help()).hasValue("did you mean lbw=?");
    assertThat(usage("p.safetensors,strength=1").expected()).hasValue("te=, lbw=, only= or skip=");
  }

  @Test
  void suggestsTheNearestPresetForAnUnknownOne() {
    Problem problem = usage("p.safetensors,lbw=OUTAL");
    assertThat(problem.where()).hasValue("p.safetensors,lbw=OUTAL");
    assertThat(problem.help().orElseThrow()).startsWith("did you mean OUTALL");
  }

  @Test
  void namesTheAllowedCountsForAWrongOne() {
    Problem problem = usage("p.safetensors,lbw=1,0,1");
    assertThat(problem.found()).hasValue("3 weights");
    assertThat(problem.expected().orElseThrow())
        .contains("12 (SDXL LoRA)", "17 (SD 1.x LoRA)", "20 (SDXL, all blocks)", "26 (SD 1.x");
    assertThat(problem.help().orElseThrow()).contains("NONE, ALL, INS");
    assertThat(usage("p.safetensors,lbw=0.5").found()).hasValue("1 weight");
  }

  @Test
  void refusesABlockWeightThatIsNoNumber() {
    Problem problem = usage("p.safetensors,lbw=1,0,0.5,1,1,1,1,1,1,1,1,high");
    assertThat(problem.what()).isEqualTo("a block weight is not a number");
    assertThat(problem.found()).hasValue("'high'");
  }

  @ParameterizedTest
  @ValueSource(strings = {"R", "U", "X", "X+0.1"})
  void refusesABlockWeightThatIsDrawnAtRandom(String letter) {
    assertThat(usage("p.safetensors,lbw=1,0,0.5,1,1,1,1,1,1,1,1," + letter).what())
        .contains("at random");
  }

  @ParameterizedTest
  @ValueSource(strings = {"te=0.1,te=0.2", "lbw=ALL,lbw=NONE"})
  void refusesAWeightGivenTwice(String twice) {
    assertThat(usage("p.safetensors," + twice).what()).endsWith("is given twice");
  }

  @ParameterizedTest
  @ValueSource(strings = {"te=", "lbw=", "only=", "only=a,,b", "skip= ", "lbw=1,,0"})
  void refusesAnEmptyWeight(String empty) {
    assertThat(usage("p.safetensors," + empty).what()).isEqualTo("a weight is empty");
  }

  @Test
  void refusesADecimalCommaInTheTextEncodersRatioAndShowsThePoint() {
    assertThat(usage("p.safetensors,te=0,3").help().orElseThrow()).contains("0.3");
    assertThat(usage("p.safetensors@0,6,te=0.3").help().orElseThrow()).contains("0.6");
    assertThat(usage("p.safetensors,te=much").what()).isEqualTo("the ratio is not a number");
  }

  private static Problem usage(String text) {
    return usage(() -> LoraArguments.parse(text));
  }

  private static Problem usage(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    AthanorException e = catchThrowableOfType(AthanorException.class, call);
    assertThat(e).isNotNull();
    assertThat(e.problem().kind()).isEqualTo(Kind.USAGE);
    return e.problem();
  }
}
