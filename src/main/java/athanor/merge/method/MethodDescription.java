package athanor.merge.method;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntFunction;

/**
 * A method of {@link LoraMethods} as arguments, recipes, metadata and help know it.
 *
 * @param name its name
 * @param otherNames what else it is called
 * @param help its name with what to say of it, for a list
 * @param parameters its parameters
 * @param parametersAs what to call those that it alone has, such as {@code the ranks}
 * @param check throws an exception of kind USAGE for settings that a user cannot mean
 * @param method the method with these settings
 * @param example the method as {@code check} shows it, for LoRAs of this largest rank
 */
public record MethodDescription(
    String name,
    Set<String> otherNames,
    String help,
    List<MethodParameter<?>> parameters,
    String parametersAs,
    Consumer<Settings> check,
    Function<Settings, LoraMethod> method,
    IntFunction<LoraMethod> example) {

  /** Copies the collections. */
  public MethodDescription {
    otherNames = Set.copyOf(otherNames);
    parameters = List.copyOf(parameters);
  }

  /** Whether it goes by this name, in lower case. */
  boolean isCalled(String lower) {
    return name.equals(lower) || otherNames.contains(lower);
  }

  /** The parameters that no other method has: given alone, they say which method is meant. */
  List<MethodParameter<?>> own() {
    Set<MethodParameter<?>> others = new HashSet<>();
    LoraMethods.ALL.stream()
        .filter(other -> !other.equals(this))
        .forEach(other -> others.addAll(other.parameters));
    return parameters.stream().filter(parameter -> !others.contains(parameter)).toList();
  }

  /** The name. */
  @Override
  public String toString() {
    return name;
  }
}
