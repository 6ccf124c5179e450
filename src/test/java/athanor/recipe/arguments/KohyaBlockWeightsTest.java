package athanor.recipe.arguments;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.error.Problem;
import athanor.merge.plan.BlockList;
import athanor.model.block.Block;
import athanor.model.block.BlockScheme;
import athanor.recipe.LoraRequest;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KohyaBlockWeightsTest {

  @Test
  void givesEachLoraItsListAndFullStrengthToBlocksNotNamed() {
    List<LoraRequest> loras =
        KohyaBlockWeights.apply(
            loras("a", "b@0.5,te=0.2"),
            List.of("[1,0,0.5,1,1,1,1,1,1,1,1,-2e-1]", "[0.5, 1, 1,1,1,1,1,1,1,1,1,1]"));

    assertThat(loras.getFirst().strength().partsText())
        .isEqualTo("lbw 1,0,0.5,1,1,1,1,1,1,1,1,-0.2");
    assertThat(loras.getLast().strength().textEncoderRatio()).hasValue(0.2);
    BlockList list = loras.getFirst().strength().blocks().orElseThrow();
    assertThat(list.weights().factor(block("IN04"))).isZero();
    assertThat(list.weights().factor(block("IN05"))).isEqualTo(0.5);
    assertThat(list.weights().factor(block("IN01"))).isEqualTo(1);
  }

  @Test
  void refusesAnotherNumberOfListsThanOfLoras() {
    Problem problem = failure(loras("a", "b"), ones(12));
    assertThat(problem.found()).hasValue("1 lists for 2 LoRAs");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "OUTALL",
        "1,0,1",
        "{\"BASE\":1}",
        "[1,",
        "[1,[2]]",
        "[1,\"0.5\"]",
        "[true]",
        "[NaN]",
        "[1e999]",
        "[1] [2]",
        "",
        "[1,0,,1]"
      })
  void refusesWhatIsNoJsonListOfNumbers(String list) {
    Problem problem = failure(loras("a"), list);
    assertThat(problem.what()).isEqualTo("block weights must be a JSON list of numbers");
    assertThat(problem.where()).hasValue("--lbws, list 1");
  }

  @Test
  void refusesListsOfDifferentLengths() {
    Problem problem = failure(loras("a", "b"), ones(12), ones(17));
    assertThat(problem.where()).hasValue("--lbws, list 2");
    assertThat(problem.found()).hasValue("17 weights");
    assertThat(problem.expected()).hasValue("12, as in list 1");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 11, 13, 16, 21, 27})
  void refusesALengthThatNoLayoutHas(int length) {
    assertThat(failure(loras("a"), ones(length)).expected().orElseThrow())
        .contains("12 (", "17 (", "20 (", "26 (");
  }

  @Test
  void refusesBlockWeightsGivenInBothSpellings() {
    assertThat(failure(loras("a,lbw=ALL"), ones(17)).found()).hasValue("lbw= and --lbws");
  }

  private static List<LoraRequest> loras(String... arguments) {
    return Stream.of(arguments).map(LoraArguments::parse).toList();
  }

  private static String ones(int count) {
    return Collections.nCopies(count, 1).toString();
  }

  private static Problem failure(List<LoraRequest> loras, String... lists) {
    AthanorException e =
        catchThrowableOfType(
            AthanorException.class, () -> KohyaBlockWeights.apply(loras, List.of(lists)));
    assertThat(e).isNotNull();
    assertThat(e.problem().kind()).isEqualTo(Kind.USAGE);
    return e.problem();
  }

  @Test
  void keepsThePathOfTheFile() {
    assertThat(KohyaBlockWeights.apply(loras("a"), List.of(ones(26))).getFirst().input().text())
        .isEqualTo("a");
  }

  private static Block block(String name) {
    return BlockScheme.named("unet").block(name);
  }
}
