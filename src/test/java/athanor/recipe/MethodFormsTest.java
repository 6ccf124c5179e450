package athanor.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import athanor.merge.method.LoraMethods;
import athanor.merge.method.Method;
import athanor.merge.method.MethodDescription;
import athanor.merge.method.MethodList;
import athanor.merge.method.MethodParameter;
import athanor.merge.method.ParameterType;
import athanor.merge.method.Settings;
import athanor.merge.method.mix.MixMethods;
import athanor.merge.plan.MergeOptions;
import athanor.recipe.arguments.MethodArguments;
import athanor.recipe.yaml.RecipeFile;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a method says of its parameters reaches every form in which a merge is written. */
class MethodFormsTest {
  private record Sample<M extends Method, T>(
      MethodList<M> list, MethodDescription<M> method, MethodParameter<T> parameter, T value) {
    /** Settings that a user can mean, this value among them. */
    Settings settings() {
      return method.example().apply(3).settings().with(parameter, value);
    }

    M result() {
      return method.method().apply(settings());
    }

    boolean makesLoras() {
      return list.equals(LoraMethods.LIST);
    }

    MergeRequest request() {
      return new MergeRequest(
          makesLoras() ? Optional.empty() : Optional.of(new InputRequest("base.safetensors")),
          List.of(new LoraRequest("a.safetensors", 1)),
          Optional.empty(),
          false,
          MergeOptions.defaults(),
          result(),
          false);
    }

    Optional<T> in(Optional<? extends Method> read) {
      return read.flatMap(found -> found.settings().get(parameter));
    }
  }

  private static Stream<Arguments> parameters() {
    return Stream.concat(parameters(LoraMethods.LIST), parameters(MixMethods.LIST));
  }

  private static <M extends Method> Stream<Arguments> parameters(MethodList<M> list) {
    return list.all().stream()
        .flatMap(method ->
            method.parameters().stream()
                .map(parameter ->
                    Arguments.argumentSet(
                        method + ": " + parameter.key(), sample(list, method, parameter))));
  }

  private static <M extends Method, T> Sample<M, T> sample(
      MethodList<M> list, MethodDescription<M> method, MethodParameter<T> parameter) {
    ParameterType<T> type = parameter.type();
    T value =
        switch (type) {
          case ParameterType.Count _ -> type.ofNumber(7).orElseThrow();
          case ParameterType.Share _, ParameterType.LesserShare _ ->
              type.ofNumber(0.125).orElseThrow();
          case ParameterType.Seed _ -> type.ofNumber(1L << 40).orElseThrow();
          case ParameterType.Switch _ -> type.ofTruth(true).orElseThrow();
          case ParameterType.Word<T> word ->
              word.ofWord(word.expected().split(",? or |, ")[0]).orElseThrow();
        };
    return new Sample<>(list, method, parameter, value);
  }

  @ParameterizedTest
  @MethodSource("parameters")
  <M extends Method, T> void aRecipeHoldsEveryParameter(Sample<M, T> sample) {
    String yaml = new RecipeFile(sample.request(), Optional.empty(), Optional.empty()).toYaml();

    assertThat(yaml).contains("\n" + sample.parameter().key() + ": ");
    RecipeFile read = RecipeFile.parse(yaml.getBytes(StandardCharsets.UTF_8), "recipe");
    assertThat(sample.in(Optional.of(read.request().method()))).contains(sample.value());
  }

  @ParameterizedTest
  @MethodSource("parameters")
  <M extends Method, T> void metadataHoldEveryParameter(Sample<M, T> sample) {
    var input =
        new Provenance.Input("a", 1, Optional.empty(), Optional.empty(), InputOrigin.UNKNOWN);
    var provenance =
        new Provenance(
            "1",
            sample.makesLoras() ? Optional.empty() : Optional.of(input),
            List.of(input),
            MergeOptions.defaults(),
            Optional.empty(),
            false,
            Optional.of(sample.result()));

    assertThat(provenance.toJson()).contains("\"" + sample.parameter().key() + "\":");
    assertThat(sample.in(Provenance.parse(provenance.toJson()).orElseThrow().method()))
        .contains(sample.value());
  }

  @ParameterizedTest
  @MethodSource("parameters")
  <M extends Method, T> void argumentsGiveEveryParameter(Sample<M, T> sample) {
    M read =
        MethodArguments.read(
            option ->
                option.equals(MethodArguments.METHOD)
                    ? Optional.of(sample.method().name())
                    : sample.list().parameters().stream()
                        .filter(parameter -> parameter.options().getFirst().equals(option))
                        .flatMap(parameter -> given(sample.settings(), parameter).stream())
                        .findFirst(),
            sample.list());
    assertThat(read.settings().get(sample.parameter())).contains(sample.value());
  }

  private static <T> Optional<Object> given(Settings settings, MethodParameter<T> parameter) {
    return settings.get(parameter).map(value -> parameter.type().plain(value));
  }
}
