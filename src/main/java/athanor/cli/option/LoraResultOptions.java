package athanor.cli.option;

import athanor.cli.help.InGroup;
import athanor.cli.help.OptionGroup;
import athanor.cli.terminal.Screen;
import athanor.error.Problem;
import athanor.merge.method.LoraMethod;
import athanor.merge.method.LoraMethods;
import athanor.merge.method.MethodParameter;
import athanor.merge.method.ParameterType;
import athanor.merge.method.Words;
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
 * Options of merges without a base, whose result is a LoRA; in kohya's spelling too. What the
 * methods have for parameters becomes options by {@link Parameters}.
 */
public final class LoraResultOptions {
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
              .description(LoraMethods.help())
              .userObject(OptionGroup.LORA_RESULT)
              .build());
      LoraMethods.parameters().forEach(parameter -> command.addOption(option(parameter)));
      return command;
    }

    private static OptionSpec option(MethodParameter<?> parameter) {
      OptionSpec.Builder option =
          OptionSpec.builder(parameter.options().toArray(String[]::new))
              .type(type(parameter))
              .description(parameter.help())
              .userObject(OptionGroup.LORA_RESULT);
      return (isSwitch(parameter) ? option.arity("0") : option.paramLabel(parameter.label()))
          .build();
    }

    private static Class<?> type(MethodParameter<?> parameter) {
      return switch (parameter.type()) {
        case ParameterType.Count _ -> Integer.class;
        case ParameterType.Share _ -> Double.class;
        case ParameterType.Word<?> _ -> String.class;
        case ParameterType.Switch _ -> boolean.class;
      };
    }
  }

  private static boolean isSwitch(MethodParameter<?> parameter) {
    return parameter.type() instanceof ParameterType.Switch;
  }

  /**
   * Returns if none of these options was given that would have to change a merge into a checkpoint.
   *
   * @throws athanor.error.AthanorException of kind USAGE if one was
   */
  public void refuseWithBase(Screen screen) {
    List<String> decisive =
        Stream.concat(Stream.of(MethodArguments.METHOD), options(false)).toList();
    if (decisive.stream().anyMatch(option -> given(option).isPresent())) {
      throw Problem.usage(Words.and(decisive) + " are for LoRA results")
          .found("a base checkpoint, which the LoRAs would be merged into")
          .help("leave out --base to merge the LoRAs into one LoRA")
          .toException();
    }
    if (shuffle || options(true).anyMatch(option -> given(option).isPresent())) {
      List<String> idle = Stream.concat(options(true), Stream.of("--shuffle")).toList();
      screen.note(Words.and(idle) + " are for LoRA results; they change nothing here");
    }
  }

  private static Stream<String> options(boolean switches) {
    return LoraMethods.parameters().stream()
        .filter(parameter -> isSwitch(parameter) == switches)
        .map(parameter -> parameter.options().getFirst());
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
    return MethodArguments.read(this::given);
  }
}
