package athanor.model.naming;

import athanor.model.Target;
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
public final class ModuleScope {
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
   * @param components what stands before dotted names, each also with a wrapper around it
   */
  public ModuleScope(List<String> flatPrefixes, List<String> components) {
    this.flatPrefixes = longestFirst(flatPrefixes.stream());
    this.dottedPrefixes =
        longestFirst(
            components.stream()
                .flatMap(component -> Stream.concat(Stream.of(component), wrapped(component))));
  }

  private static Stream<String> wrapped(String component) {
    return ComponentNames.wrappers().stream()
        .flatMap(wrapper ->
            Stream.of(wrapper + component, component + wrapper, wrapper + component + wrapper));
  }

  private static List<String> longestFirst(Stream<String> prefixes) {
    return prefixes.distinct().sorted(Comparator.comparingInt(String::length).reversed()).toList();
  }

  /** The name with underscores for dots. */
  public static String flatten(String name) {
    return name.replace('.', '_');
  }

  /** Names a target in both styles. */
  public void add(String name, Target target) {
    add(name, flatten(name), target);
  }

  /** Names a target in both styles, when the second is at hand. */
  public void add(String name, String flattened, Target target) {
    dotted.put(name, target);
    flat.put(flattened, target);
  }

  /** Names a target in the dotted style only. */
  public void addDotted(String name, Target target) {
    dotted.put(name, target);
  }

  /** Names a target by a whole name that takes no prefix. */
  public void addExact(String name, Target target) {
    exact.put(name, target);
  }

  /** The target of a module of this name; empty if none has it. */
  public Optional<Target> find(String module) {
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

  /** All targets, each once, in the order of their keys and rows. */
  public Collection<Target> targets() {
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
