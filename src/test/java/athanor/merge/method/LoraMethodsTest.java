package athanor.merge.method;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import athanor.error.AthanorException;
import athanor.error.Kind;
import athanor.merge.lora.LoraFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class LoraMethodsTest {
  private static final Settings RANK_8 = Recompression.toRank(8).settings();

  private static LoraMethod chosen(String name, Settings settings) {
    return LoraMethods.LIST.of(LoraMethods.LIST.named(name), settings);
  }

  private static String refusal(String name, Settings settings) {
    AthanorException refusal =
        catchThrowableOfType(AthanorException.class, () -> chosen(name, settings));
    assertThat(refusal.problem().kind()).isEqualTo(Kind.USAGE);
    return refusal.problem().line();
  }

  @Test
  void withoutAWordLoraResultsAreExactAndInKohyasSpelling() {
    assertThat(LoraMethods.LIST.of(Optional.empty(), Settings.NONE))
        .isEqualTo(new Concatenation(false, LoraFormat.KOHYA))
        .isEqualTo(LoraMethods.standard());
  }

  @Test
  void aParameterThatOneMethodAloneHasChoosesThatMethod() {
    assertThat(LoraMethods.LIST.of(Optional.empty(), RANK_8)).isEqualTo(Recompression.toRank(8));
  }

  @Test
  void aParameterOfAnotherMethodIsRefusedByName() {
    assertThat(refusal("exact", RANK_8))
        .contains("rank, conv-rank and keep are for method svd", "method exact");
    assertThat(refusal("kohya", RANK_8)).contains("method kohya");
  }

  @Test
  void noMethodIgnoresAParameterThatItDoesNotHave() {
    Settings all =
        RANK_8.with(SharedParameters.CONCAT, true).with(SharedParameters.FORMAT, LoraFormat.KOHYA);
    for (MethodDescription<LoraMethod> method : LoraMethods.LIST.all()) {
      for (MethodParameter<?> parameter : LoraMethods.LIST.parameters()) {
        if (!method.parameters().contains(parameter) && all.has(parameter)) {
          assertThat(refusal(method.name(), only(all, parameter))).isNotEmpty();
        }
      }
    }
  }

  private static <T> Settings only(Settings all, MethodParameter<T> parameter) {
    return Settings.NONE.with(parameter, all.get(parameter));
  }

  @Test
  void svdWithoutALimitIsRefused() {
    assertThat(refusal("svd", Settings.NONE)).contains("how far to reduce");
  }

  @Test
  void kohyasMethodRefusesOtherNamesThanKohyas() {
    Settings peft = Settings.NONE.with(SharedParameters.FORMAT, LoraFormat.PEFT);
    assertThat(refusal("kohya", peft)).contains("kohya's names only", "format peft");
    assertThat(chosen("exact", peft)).isEqualTo(new Concatenation(false, LoraFormat.PEFT));
  }

  @Test
  void aMethodMadeOfItsOwnSettingsIsTheSame() {
    var limits = new RankLimits(OptionalInt.of(4), OptionalInt.of(2), OptionalDouble.of(0.5));
    for (LoraMethod method :
        List.of(
            new Concatenation(true, LoraFormat.PEFT),
            new Recompression(limits, LoraFormat.PEFT),
            new HistoricSum(true))) {
      assertThat(method.description().method().apply(method.settings())).isEqualTo(method);
    }
  }

  @Test
  void noTwoMethodsShareANameAndNoTwoParametersAKeyOrAnOption() {
    assertThat(LoraMethods.LIST.all().stream().map(MethodDescription::name))
        .doesNotHaveDuplicates();
    assertThat(LoraMethods.LIST.parameters().stream().map(MethodParameter::key))
        .doesNotHaveDuplicates()
        .containsExactly("rank", "conv_rank", "keep", "concat", "format");
    assertThat(LoraMethods.LIST.parameters().stream().flatMap(p -> p.options().stream()))
        .doesNotHaveDuplicates();
  }

  @Test
  void namesAreFoundInAnyCase() {
    assertThat(LoraMethods.LIST.named("SVD")).contains(Recompression.DESCRIPTION);
    assertThat(LoraMethods.LIST.named("concat")).contains(Concatenation.DESCRIPTION);
    assertThat(LoraMethods.LIST.named("ties")).isEmpty();
  }

  @Test
  void valuesOutOfRangeMeanNothing() {
    assertThat(ParameterType.count().ofNumber(0)).isEmpty();
    assertThat(ParameterType.count().ofNumber(1.5)).isEmpty();
    assertThat(ParameterType.count().ofNumber(4e9)).isEmpty();
    assertThat(ParameterType.count().ofNumber(3)).contains(3);
    assertThat(ParameterType.share().ofNumber(0)).isEmpty();
    assertThat(ParameterType.share().ofNumber(1.001)).isEmpty();
    assertThat(ParameterType.share().ofNumber(1)).contains(1.0);
    assertThat(ParameterType.share().ofWord("half")).isEmpty();
  }
}
