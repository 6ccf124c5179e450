package athanor.cli.option;

import athanor.cli.help.InGroup;
import athanor.cli.help.OptionGroup;
import athanor.cli.terminal.Screen;
import athanor.error.Problem;
import athanor.merge.method.LoraMethod;
import athanor.merge.method.LoraMethods;
import athanor.merge.method.MethodParameter;
import athanor.merge.method.MixMethod;
import athanor.merge.method.ParameterType;
import athanor.merge.method.Words;
import athanor.merge.method.mix.MixMethods;
import athanor.recipe.MethodForm;
import athanor.recipe.arguments.MethodArguments;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.IModelTransformer;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * The method and its parameters, in kohya's spelling too; they become options by {@link
 * Parameters}.
 */
public final class MethodOptions {
  @InGroup(OptionGroup.KOHYA)
  @Option(
      names = "--shuffle",
      description = "Accepted for kohya's sake; the order of ranks has no effect.")
  private boolean shuffle;

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  /** Gives a command an option for the method and one for each parameter of a method. */
  public static final class Parameters implements IModelTransformer {
    @Override
    public CommandSpec transform(CommandSpec command) {
      command.addOption(
          OptionSpec.builder(MethodArguments.METHOD)
              .paramLabel("M")
              .type(String.class)
              .description(
                  "LoRA + LoRA: " + LoraMethods.LIST.help() + ".",
                  "Into a base: " + MixMethods.LIST.help() + ".")
              .userObject(OptionGroup.METHOD)
              .build());
      MethodForm.parameters().forEach(parameter -> command.addOption(option(parameter)));
      return command;
    }

    private static OptionSpec option(MethodParameter<?> parameter) {
      OptionSpec.Builder option =
          OptionSpec.builder(parameter.options().toArray(String[]::new))
              .type(type(parameter))
              .description(parameter.help())
              .userObject(
                  LoraMethods.LIST.parameters().contains(parameter)
                      ? OptionGroup.LORA_RESULT
                      : OptionGroup.METHOD);
      return (isSwitch(parameter) ? option.arity("0") : option.paramLabel(parameter.label()))
          .build();
    }

    private static Class<?> type(MethodParameter<?> parameter) {
      return switch (parameter.type()) {
        case ParameterType.Count _ -> Integer.class;
        case ParameterType.Share _, ParameterType.LesserShare _ -> Double.class;
        case ParameterType.Seed _ -> Long.class;
        case ParameterType.Word<?> _ -> String.class;
        case ParameterType.Switch _ -> boolean.class;
      };
    }
  }

  private static boolean isSwitch(MethodParameter<?> parameter) {
    return parameter.type() instanceof ParameterType.Switch;
  }

  /**
   * How what goes into a base is combined.
   *
   * @throws athanor.error.AthanorException of kind USAGE if an option was given that is for LoRA
   *     results, is unknown or out of range, or if two contradict each other
   */
  public MixMethod parseWithBase(Screen screen) {
    List<String> decisive = Stream.concat(loraMethod(), onlyForLoras(false)).toList();
    if (!decisive.isEmpty()) {
      throw Problem.usage(
              Words.and(decisive) + (decisive.size() == 1 ? " is" : " are") + " for LoRA results")
          .found("a base checkpoint, which the LoRAs would be merged into")
          .help("leave out --base to merge the LoRAs into one LoRA")
          .toException();
    }
    List<String> idle =
        Stream.concat(onlyForLoras(true), Stream.of("--shuffle").filter(name -> shuffle)).toList();
    if (!idle.isEmpty()) {
      screen.note(
          Words.and(idle)
              + (idle.size() == 1 ? " is" : " are")
              + " for LoRA results; no effect here");
    }
    return MethodArguments.read(this::given, MixMethods.LIST);
  }

  /** The option of the method, if it names one that makes LoRAs only. */
  private Stream<String> loraMethod() {
    return given(MethodArguments.METHOD).map(Object::toString).stream()
        .filter(name -> MixMethods.LIST.named(name).isEmpty())
        .filter(name -> LoraMethods.LIST.named(name).isPresent())
        .map(name -> MethodArguments.METHOD + " " + name);
  }

  /** The given options of parameters that only methods for LoRAs have. */
  private Stream<String> onlyForLoras(boolean switches) {
    return LoraMethods.LIST.parameters().stream()
        .filter(parameter -> !MixMethods.LIST.parameters().contains(parameter))
        .filter(parameter -> isSwitch(parameter) == switches)
        .map(parameter -> parameter.options().getFirst())
        .filter(option -> given(option).isPresent());
  }

  private Optional<Object> given(String option) {
    var parsed = Objects.requireNonNull(command).commandLine().getParseResult();
    return Optional.ofNullable(parsed.matchedOptionValue(option, null));
  }

  /**
   * What was asked for.
   *
   * @throws athanor.error.AthanorException of kind USAGE if an option is unknown or out of range,
   *     or two contradict each other
   */
  public LoraMethod parse(Screen screen) {
    if (shuffle) {
      screen.note("--shuffle has no effect: the order of ranks does not change the result");
    }
    refuseMixMethods();
    return MethodArguments.read(this::given, LoraMethods.LIST);
  }

  private void refuseMixMethods() {
    Optional<String> method =
        given(MethodArguments.METHOD)
            .map(Object::toString)
            .filter(name -> LoraMethods.LIST.named(name).isEmpty())
            .filter(name -> MixMethods.LIST.named(name).isPresent())
            .map(name -> MethodArguments.METHOD + " " + name);
    method
        .or(() ->
            MixMethods.LIST.parameters().stream()
                .filter(parameter -> !LoraMethods.LIST.parameters().contains(parameter))
                .map(parameter -> parameter.options().getFirst())
                .filter(option -> given(option).isPresent())
                .findFirst())
        .ifPresent(option -> {
          throw Problem.usage(option + " is for merges into a checkpoint")
              .found("no --base")
              .help("give the checkpoint with --base")
              .toException();
        });
  }
}
