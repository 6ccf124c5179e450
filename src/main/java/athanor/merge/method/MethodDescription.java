package athanor.merge.method;

import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * A method of a {@link MethodList} as arguments, recipes, metadata and help know it.
 *
 * @param name its name
 * @param otherNames what else it is called
 * @param help its name with what to say of it, for a list
 * @param parameters its parameters
 * @param parametersAs what to call those that it alone has, such as {@code the ranks}
 * @param check throws an exception of kind USAGE for settings that a user cannot mean
 * @param method the method with these settings
 * @param example the method as {@code check} shows it, for LoRAs of this largest rank
 * @param <M> what it makes
 */
public record MethodDescription<M extends Method>(
    String name,
    Set<String> otherNames,
    String help,
    List<MethodParameter<?>> parameters,
    String parametersAs,
    Consumer<Settings> check,
    Function<Settings, M> method,
    IntFunction<M> example) {

  /** Copies the collections. */
  public MethodDescription {
    otherNames = Set.copyOf(otherNames);
    parameters = List.copyOf(parameters);
  }

  /** Whether it goes by this name, in lower case. */
  boolean isCalled(String lower) {
    return name.equals(lower) || otherNames.contains(lower);
  }

  /** The name. */
  @Override
  public String toString() {
    return name;
  }
}
