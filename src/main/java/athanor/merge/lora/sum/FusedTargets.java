package athanor.merge.lora.sum;

import athanor.delta.Change;
import athanor.model.Target;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Takes fused modules apart where something else changes a part of them, or where only the parts
 * have names in the result: what one LoRA adds to a whole projection becomes what it adds to the
 * query's, the key's and the value's, exactly, with the same right factor and those rows of the
 * left. Where nothing overlaps, all stays whole.
 */
final class FusedTargets {
  private final Map<Target, List<Target>> parts;

  private FusedTargets(Map<Target, List<Target>> parts) {
    this.parts = parts;
  }

  /**
   * Decides which targets are taken apart.
   *
   * @param changed the targets that are changed
   * @param partsOf what a fused target consists of
   * @param nameable whether a target can be written whole
   */
  static FusedTargets of(
      Collection<Target> changed,
      Function<Target, List<Target>> partsOf,
      Predicate<Target> nameable) {
    Map<String, Set<Target>> byKey = new HashMap<>();
    for (Target target : changed) {
      byKey.computeIfAbsent(target.weight().key(), key -> new LinkedHashSet<>()).add(target);
    }
    Map<Target, List<Target>> split = new HashMap<>();
    for (Set<Target> targets : byKey.values()) {
      for (Target target : targets) {
        if (!nameable.test(target)
            || targets.stream()
                .anyMatch(other -> !other.equals(target) && other.overlaps(target))) {
          smallestParts(target, partsOf).ifPresent(parts -> split.put(target, parts));
        }
      }
    }
    return new FusedTargets(split);
  }

  /** The parts that have no parts of their own; empty unless they are all of the target. */
  private static Optional<List<Target>> smallestParts(
      Target target, Function<Target, List<Target>> partsOf) {
    long rows = target.weight().count();
    List<Target> smallest = new ArrayList<>();
    for (Target part : partsOf.apply(target)) {
      long count = part.weight().count();
      boolean smaller = count < rows || target.weight().isWhole();
      boolean hasParts =
          partsOf.apply(part).stream().anyMatch(inner -> inner.weight().count() < count);
      if (smaller && !hasParts) {
        smallest.add(part);
      }
    }
    long covered = smallest.stream().mapToLong(part -> part.weight().count()).sum();
    return covered == rows ? Optional.of(List.copyOf(smallest)) : Optional.empty();
  }

  /** An addition to a target. */
  record Addition(Target target, Change.Add add) {}

  /** What an addition is to the targets that are left: itself, or one to each part. */
  List<Addition> apart(Addition whole) {
    List<Target> targets = parts.get(whole.target());
    if (targets == null) {
      return List.of(whole);
    }
    boolean onWeight = whole.add().rows().equals(whole.target().weight());
    List<Addition> additions = new ArrayList<>();
    for (Target part : targets) {
      (onWeight ? Optional.of(part.weight()) : part.bias())
          .ifPresent(rows -> additions.add(new Addition(part, whole.add().restrictedTo(rows))));
    }
    return additions;
  }
}
