package athanor.merge.method;

import athanor.error.Problem;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Methods that make the same kind of result, and how one of them is chosen.
 *
 * @param all the methods; the first is the one for users who say nothing
 * @param <M> what they are
 */
public record MethodList<M extends Method>(List<MethodDescription<M>> all) {

  /** Copies the list. */
  public MethodList {
    all = List.copyOf(all);
  }

  /** The method with this name; case does not count, nor whether words are joined by - or _. */
  public Optional<MethodDescription<M>> named(String name) {
    String lower = name.toLowerCase(Locale.ROOT).replace('_', '-');
    return all.stream().filter(method -> method.isCalled(lower)).findFirst();
  }

  /** The names, for messages: {@code exact, svd or kohya}. */
  public String names() {
    return Words.or(all.stream().map(MethodDescription::name).toList());
  }

  /** What help says of the methods. */
  public String help() {
    return Words.or(all.stream().map(MethodDescription::help).toList());
  }

  /** Every parameter of every method, in the order in which recipes list them: shared ones last. */
  public List<MethodParameter<?>> parameters() {
    Set<MethodParameter<?>> parameters = new LinkedHashSet<>();
    all.forEach(method -> parameters.addAll(own(method)));
    all.forEach(method -> parameters.addAll(method.parameters()));
    return List.copyOf(parameters);
  }

  /** The method for users who say nothing. */
  public M standard() {
    return all.getFirst().method().apply(Settings.NONE);
  }

  /** The parameters that no other method has: given alone, they say which method is meant. */
  private List<MethodParameter<?>> own(MethodDescription<M> method) {
    Set<MethodParameter<?>> others = new HashSet<>();
    all.stream()
        .filter(other -> !other.equals(method))
        .forEach(other -> others.addAll(other.parameters()));
    return method.parameters().stream().filter(parameter -> !others.contains(parameter)).toList();
  }

  /**
   * The method that a user means. Without a name it is the one that alone has one of the given
   * parameters, else the first.
   *
   * @throws athanor.error.AthanorException of kind USAGE if a parameter is given that the method
   *     does not have, or settings contradict each other
   */
  public M of(Optional<MethodDescription<M>> wished, Settings settings) {
    Optional<MethodDescription<M>> owner =
        all.stream().filter(method -> own(method).stream().anyMatch(settings::has)).findFirst();
    MethodDescription<M> method = wished.or(() -> owner).orElse(all.getFirst());
    for (MethodDescription<M> other : all) {
      if (!other.equals(method) && own(other).stream().anyMatch(settings::has)) {
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

  private Problem misplaced(MethodDescription<M> method, MethodParameter<?> parameter) {
    List<String> owners =
        all.stream()
            .filter(other -> other.parameters().contains(parameter))
            .map(MethodDescription::name)
            .toList();
    return Problem.usage(parameter.name() + " is for method " + Words.or(owners))
        .found("method " + method)
        .help("leave out " + parameter.name() + ", or choose --method " + owners.getFirst());
  }

  private Problem misplaced(MethodDescription<M> method, MethodDescription<M> other) {
    List<String> names = own(other).stream().map(MethodParameter::name).toList();
    return Problem.usage(
            Words.and(names) + (names.size() == 1 ? " is" : " are") + " for method " + other)
        .found("method " + method)
        .help("leave out the method, or " + other.parametersAs());
  }
}
