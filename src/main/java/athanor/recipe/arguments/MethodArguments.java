package athanor.recipe.arguments;

import athanor.error.Problem;
import athanor.merge.method.Method;
import athanor.merge.method.MethodDescription;
import athanor.merge.method.MethodList;
import athanor.merge.method.MethodParameter;
import athanor.merge.method.ParameterType;
import athanor.merge.method.Settings;
import java.util.Optional;

/** The method that arguments ask for. */
public final class MethodArguments {
  /** The option that names a method. */
  public static final String METHOD = "--method";

  private MethodArguments() {}

  /** Values as a parser of arguments found them. */
  @FunctionalInterface
  public interface Given {
    /**
     * The Integer, Long, Double, String or Boolean given for an option; empty if it was not given.
     */
    Optional<Object> value(String option);
  }

  /**
   * Reads a method of a list and its parameters.
   *
   * @throws athanor.error.AthanorException of kind USAGE if one is unknown or out of range, or two
   *     contradict each other
   */
  public static <M extends Method> M read(Given arguments, MethodList<M> methods) {
    Optional<MethodDescription<M>> method =
        arguments.value(METHOD).map(name -> method(name.toString(), methods));
    Settings settings = Settings.NONE;
    for (MethodParameter<?> parameter : methods.parameters()) {
      settings = with(settings, parameter, arguments);
    }
    return methods.of(method, settings);
  }

  private static <M extends Method> MethodDescription<M> method(
      String name, MethodList<M> methods) {
    return methods
        .named(name)
        .orElseThrow(() -> unknown("method", METHOD, name, methods.names()).toException());
  }

  private static <T> Settings with(
      Settings settings, MethodParameter<T> parameter, Given arguments) {
    String option = parameter.options().getFirst();
    return arguments
        .value(option)
        .map(given -> settings.with(parameter, value(parameter.type(), option, given)))
        .orElse(settings);
  }

  private static <T> Optional<T> value(ParameterType<T> type, String option, Object given) {
    Optional<T> value =
        switch (given) {
          case Number number -> type.ofNumber(number.doubleValue());
          case Boolean truth -> type.ofTruth(truth);
          default -> type.ofWord(given.toString());
        };
    if (value.isEmpty() && !(type instanceof ParameterType.Switch)) {
      throw refused(type, option, given).toException();
    }
    return value;
  }

  private static Problem refused(ParameterType<?> type, String option, Object given) {
    return switch (type) {
      case ParameterType.Count _ ->
          Problem.usage(option + " must be at least 1").found(given.toString());
      case ParameterType.Share _, ParameterType.LesserShare _ ->
          Problem.usage(option + " is not a share")
              .found(given.toString())
              .expected(type.expected());
      case ParameterType.Seed _ ->
          Problem.usage(option + " is out of range")
              .found(given.toString())
              .expected(type.expected());
      case ParameterType.Word<?> word ->
          unknown(word.what(), option, given.toString(), word.expected());
      case ParameterType.Switch _ -> throw new IllegalStateException(option);
    };
  }

  private static Problem unknown(String what, String option, String name, String expected) {
    return Problem.usage("unknown " + what).at(option).found("'" + name + "'").expected(expected);
  }
}
