package athanor.merge.method;

import athanor.error.Problem;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** The methods that make LoRAs into one LoRA, and how one of them is chosen. */
public final class LoraMethods {
  /** All of them; the first is the one for users who say nothing. */
  public static final List<MethodDescription> ALL =
      List.of(Concatenation.DESCRIPTION, Recompression.DESCRIPTION, HistoricSum.DESCRIPTION);

  private LoraMethods() {}

  /** The method with this name; case does not count. */
  public static Optional<MethodDescription> named(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return ALL.stream().filter(method -> method.isCalled(lower)).findFirst();
  }

  /** The names, for messages: {@code exact, svd or kohya}. */
  public static String names() {
    return Words.or(ALL.stream().map(MethodDescription::name).toList());
  }

  /** What help says of the methods. */
  public static String help() {
    List<String> words = ALL.stream().map(MethodDescription::help).toList();
    return "LoRA + LoRA: "
        + String.join(", ", words.subList(0, words.size() - 1))
        + ", or "
        + words.getLast()
        + ".";
  }

  /** Every parameter of every method, in the order in which recipes list them: shared ones last. */
  public static List<MethodParameter<?>> parameters() {
    Set<MethodParameter<?>> all = new LinkedHashSet<>();
    ALL.forEach(method -> all.addAll(method.own()));
    ALL.forEach(method -> all.addAll(method.parameters()));
    return List.copyOf(all);
  }

  /** The method for users who say nothing. */
  public static LoraMethod standard() {
    return ALL.getFirst().method().apply(Settings.NONE);
  }

  /**
   * The method that a user means. Without a name it is the one that alone has one of the given
   * parameters, else the first.
   *
   * @throws athanor.error.AthanorException of kind USAGE if a parameter is given that the method
   *     does not have, or settings contradict each other
   */
  public static LoraMethod of(Optional<MethodDescription> wished, Settings settings) {
    Optional<MethodDescription> owner =
        ALL.stream().filter(method -> method.own().stream().anyMatch(settings::has)).findFirst();
    MethodDescription method = wished.or(() -> owner).orElse(ALL.getFirst());
    for (MethodDescription other : ALL) {
      if (!other.equals(method) && other.own().stream().anyMatch(settings::has)) {
        throw misplaced(method, other).toException();
      }
    }
    method.check().accept(settings);
    for (MethodParameter<?> parameter : parameters()) {
      if (settings.has(parameter) && !method.parameters().contains(parameter)) {
        throw misplaced(method, parameter).toException();
      }
    }
    return method.method().apply(settings);
  }

  private static Problem misplaced(MethodDescription method, MethodParameter<?> parameter) {
    List<String> owners =
        ALL.stream()
            .filter(other -> other.parameters().contains(parameter))
            .map(MethodDescription::name)
            .toList();
    return Problem.usage(parameter.name() + " is for method " + Words.or(owners))
        .found("method " + method)
        .help("leave out the method, or " + parameter.name());
  }

  private static Problem misplaced(MethodDescription method, MethodDescription other) {
    List<String> names = other.own().stream().map(MethodParameter::name).toList();
    return Problem.usage(
            Words.and(names) + (names.size() == 1 ? " is" : " are") + " for method " + other)
        .found("method " + method)
        .help("leave out the method, or " + other.parametersAs());
  }
}
