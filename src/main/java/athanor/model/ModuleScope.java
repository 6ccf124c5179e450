package athanor.model;

import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The module names of one component: a module matches if it is one of the prefixes followed by one
 * of the names of the same style. What {@link #find} accepts is therefore exactly the set of all
 * such concatenations, without storing them.
 */
final class ModuleScope {
  private static final String PEFT = "base_model.model.";
  private static final int EXPECTED = 2000;

  private final List<String> flatPrefixes;
  private final List<String> dottedPrefixes;
  private final Map<String, Target> flat = HashMap.newHashMap(EXPECTED);
  private final Map<String, Target> dotted = HashMap.newHashMap(EXPECTED);
  private final Map<String, Target> exact = new HashMap<>();

  /**
   * A scope without names.
   *
   * @param flatPrefixes what stands before names whose dots are underscores
   * @param components what stands before dotted names, each also with PEFT's prefix around it
   */
  ModuleScope(List<String> flatPrefixes, List<String> components) {
    this.flatPrefixes = longestFirst(flatPrefixes.stream());
    this.dottedPrefixes =
        longestFirst(
            components.stream()
                .flatMap(component ->
                    Stream.of(
                        component, PEFT + component, component + PEFT, PEFT + component + PEFT)));
  }

  private static List<String> longestFirst(Stream<String> prefixes) {
    return prefixes.distinct().sorted(Comparator.comparingInt(String::length).reversed()).toList();
  }

  /** The name with underscores for dots. */
  static String flatten(String name) {
    return name.replace('.', '_');
  }

  /** Names a target in both styles. */
  void add(String name, Target target) {
    add(name, flatten(name), target);
  }

  /** Names a target in both styles, when the second is at hand. */
  void add(String name, String flattened, Target target) {
    dotted.put(name, target);
    flat.put(flattened, target);
  }

  /** Names a target in the dotted style only. */
  void addDotted(String name, Target target) {
    dotted.put(name, target);
  }

  /** Names a target by a whole name that takes no prefix. */
  void addExact(String name, Target target) {
    exact.put(name, target);
  }

  Optional<Target> find(String module) {
    Target target = exact.get(module);
    if (target == null) {
      target = find(module, flatPrefixes, flat);
    }
    if (target == null) {
      target = find(module, dottedPrefixes, dotted);
    }
    return Optional.ofNullable(target);
  }

  private static @Nullable Target find(
      String module, List<String> prefixes, Map<String, Target> names) {
    for (String prefix : prefixes) {
      if (module.startsWith(prefix)) {
        Target target = names.get(module.substring(prefix.length()));
        if (target != null) {
          return target;
        }
      }
    }
    return null;
  }

  Collection<Target> targets() {
    var all = new LinkedHashSet<Target>(exact.values());
    all.addAll(dotted.values());
    return all.stream()
        .sorted(
            Comparator.comparing((Target target) -> target.weight().key())
                .thenComparingLong(target -> target.weight().first())
                .thenComparingLong(target -> target.weight().count()))
        .toList();
  }
}
