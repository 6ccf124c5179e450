package athanor.model.naming;

import athanor.model.FusedModule;
import athanor.model.Target;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The module names of one component: a module matches if it is one of the prefixes followed by one
 * of the names of the same style. Prefixes may be doubled and have wrappers around them, and what
 * training leaves inside names counts for nothing; the rest is compared as a whole.
 */
public final class ModuleScope {
  private static final int EXPECTED = 2000;

  /** More than programs put before a name; a limit for names made to take long. */
  private static final int MOST_PREFIXES = 4;

  private final List<String> flatPrefixes;
  private final List<String> dottedPrefixes;
  private final List<String> flatWrappers;
  private final Map<String, Target> flat = HashMap.newHashMap(EXPECTED);
  private final Map<String, Target> dotted = HashMap.newHashMap(EXPECTED);
  private final Map<String, Target> exact = new HashMap<>();
  private final Map<String, FusedModule> fusedFlat = new HashMap<>();
  private final Map<String, FusedModule> fusedDotted = new HashMap<>();

  /**
   * A scope without names.
   *
   * @param flatPrefixes what stands before names whose dots are underscores
   * @param components what stands before dotted names; an empty one if nothing need
   */
  public ModuleScope(List<String> flatPrefixes, List<String> components) {
    this.flatPrefixes = longestFirst(flatPrefixes.stream());
    this.dottedPrefixes = longestFirst(components.stream());
    this.flatWrappers =
        longestFirst(
            Stream.concat(
                components.stream().filter(one -> !one.isEmpty()).map(ModuleScope::flatten),
                ComponentNames.flatInserted().stream()));
  }

  private static List<String> longestFirst(Stream<String> prefixes) {
    return prefixes.distinct().sorted(Comparator.comparingInt(String::length).reversed()).toList();
  }

  /**
   * The same names for the same weights in a file that spells its keys otherwise.
   *
   * @param outer what stands before its keys, and may stand before a dotted name
   * @param stored how it spells a key
   */
  public ModuleScope respelled(String outer, UnaryOperator<String> stored) {
    var components = new ArrayList<>(dottedPrefixes);
    dottedPrefixes.forEach(prefix -> components.add(outer + prefix));
    var scope = new ModuleScope(flatPrefixes, components);
    Map<Target, Target> respelled = new HashMap<>();
    UnaryOperator<Target> of =
        target -> respelled.computeIfAbsent(target, one -> one.respelled(stored));
    flat.forEach((name, target) -> scope.flat.put(name, of.apply(target)));
    dotted.forEach((name, target) -> scope.dotted.put(name, of.apply(target)));
    exact.forEach((name, target) -> {
      scope.exact.put(name, of.apply(target));
      scope.exact.put(outer + name, of.apply(target));
    });
    fusedFlat.forEach((name, fused) -> scope.fusedFlat.put(name, fused.respelled(of)));
    fusedDotted.forEach((name, fused) -> scope.fusedDotted.put(name, fused.respelled(of)));
    return scope;
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

  /** Names a module in both styles that is several targets. */
  public void addFused(String name, FusedModule fused) {
    fusedDotted.put(name, fused);
    fusedFlat.put(flatten(name), fused);
  }

  /** The module of this name that is several targets; empty if none is. */
  public Optional<FusedModule> findFused(String module) {
    return Optional.ofNullable(find(Insertions.removed(module), fusedFlat, fusedDotted));
  }

  /** The target of a module of this name; empty if none has it. */
  public Optional<Target> find(String module) {
    Target target = exact.get(module);
    String name = Insertions.removed(module);
    if (target == null) {
      target = exact.get(name);
    }
    return Optional.ofNullable(target != null ? target : find(name, flat, dotted));
  }

  private <T> @Nullable T find(String name, Map<String, T> underscored, Map<String, T> withDots) {
    T found = find(name, flatPrefixes, flatWrappers, underscored, false, 0);
    if (found != null) {
      return found;
    }
    boolean bare = dottedPrefixes.contains("");
    return find(name, dottedPrefixes, ComponentNames.wrappers(), withDots, bare, 0);
  }

  /**
   * Looks a name up behind any prefixes and wrappers that stand before it.
   *
   * @param begun whether a prefix has been taken off already, or none is needed
   */
  private static <T> @Nullable T find(
      String name,
      List<String> prefixes,
      List<String> wrappers,
      Map<String, T> names,
      boolean begun,
      int depth) {
    T target = begun ? names.get(name) : null;
    if (target != null || depth == MOST_PREFIXES) {
      return target;
    }
    for (String prefix : prefixes) {
      if (!prefix.isEmpty() && name.startsWith(prefix)) {
        String rest = name.substring(prefix.length());
        target = find(rest, prefixes, wrappers, names, true, depth + 1);
        if (target != null) {
          return target;
        }
      }
    }
    for (String wrapper : wrappers) {
      if (name.startsWith(wrapper)) {
        String rest = name.substring(wrapper.length());
        target = find(rest, prefixes, wrappers, names, begun, depth + 1);
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
