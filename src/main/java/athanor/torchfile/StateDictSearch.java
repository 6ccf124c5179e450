package athanor.torchfile;

import athanor.error.PrintableText;
import athanor.torchfile.pickle.PickleFindings;
import athanor.torchfile.pickle.PickleValue;
import athanor.torchfile.pickle.PickleValue.Global;
import athanor.torchfile.pickle.PickleValue.Mapping;
import athanor.torchfile.pickle.PickleValue.Opaque;
import athanor.torchfile.pickle.PickleValue.TensorReference;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds the state dict inside whatever was saved: a dict under {@code state_dict} or another usual
 * key, or the sole dict in a dict, at any depth; otherwise the outermost dict with tensors. A dict
 * with two tensors or more is not searched further, except that the outermost dict's {@code
 * state_dict} always comes first. Each dict is looked at once, without recursion.
 */
final class StateDictSearch {
  private static final List<String> USUAL_KEYS =
      List.of(
          "state_dict",
          "model_state_dict",
          "model",
          "module",
          "params_ema",
          "params",
          "net",
          "generator",
          "weights",
          "sd",
          "ema");
  private static final int SURELY_WEIGHTS = 2;

  private final PickleFindings findings;
  private final Set<PickleValue> visited = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Deque<Place> open = new ArrayDeque<>();

  StateDictSearch(PickleFindings findings) {
    this.findings = findings;
  }

  /** A value and how it was reached. */
  private record Place(PickleValue value, @Nullable Place parent, String key, int depth) {}

  /**
   * The state dict.
   *
   * @param mapping its entries
   * @param path the keys that lead to it, outermost first
   * @param subclass the class, if it is a subclass of dict that is unknown here
   * @param beside keys of other entries on the way
   */
  record Found(
      Mapping mapping, List<String> path, Optional<String> subclass, List<String> beside) {}

  /**
   * Finds the state dict in what a pickle left.
   *
   * @throws athanor.error.AthanorException of kind BAD_FILE if there is none, or if the way to it
   *     leads through the result of a dangerous call; of kind INCOMPATIBLE for a textual inversion
   */
  @SuppressWarnings("ReferenceEquality") // the place itself
  Found find(PickleValue root) {
    Place first = new Place(root, null, "", 0);
    Place single = null;
    open.push(first);
    while (!open.isEmpty()) {
      Place place = open.pop();
      if (!visited.add(place.value())) {
        continue;
      }
      Optional<Global> danger = place.value().dangerousName();
      if (danger.isPresent()) {
        throw findings.refusal(danger.get());
      }
      Mapping mapping = mapping(place.value());
      if (mapping == null) {
        continue;
      }
      int tensors = countTensors(mapping);
      boolean outermostWrapper =
          place == first && mapping(mapping.entries().get("state_dict")) != null;
      if (tensors >= SURELY_WEIGHTS && !outermostWrapper) {
        return found(place, mapping);
      }
      single = single == null && tensors > 0 ? place : single;
      if (place.depth() < Limits.STATE_DICT_DEPTH) {
        pushCandidates(place, mapping);
      }
    }
    Mapping only = single == null ? null : mapping(single.value());
    if (single != null && only != null) {
      return found(single, only);
    }
    throw MissingWeights.in(root, findings);
  }

  private void pushCandidates(Place place, Mapping mapping) {
    Set<String> keys = new LinkedHashSet<>(USUAL_KEYS);
    if (mapping.entries().size() == 1) {
      keys.addAll(mapping.entries().keySet());
    }
    for (String key : new ArrayList<>(keys).reversed()) {
      PickleValue value = mapping.entries().get(key);
      if (value != null && (mapping(value) != null || value.dangerousName().isPresent())) {
        open.push(new Place(value, place, key, place.depth() + 1));
      }
    }
  }

  private static Found found(Place place, Mapping mapping) {
    var path = new ArrayList<String>();
    var beside = new ArrayList<String>();
    for (Place at = place; at.parent() != null; at = at.parent()) {
      path.add(PrintableText.ofName(at.key()));
      Mapping around = mapping(at.parent().value());
      for (String key : around == null ? Set.<String>of() : around.entries().keySet()) {
        if (!key.equals(at.key())) {
          beside.add(PrintableText.ofName(key));
        }
      }
    }
    Optional<String> subclass =
        place.value() instanceof Opaque opaque ? Optional.of(opaque.madeBy()) : Optional.empty();
    return new Found(mapping, path.reversed(), subclass, beside);
  }

  private static int countTensors(Mapping mapping) {
    int count = 0;
    for (PickleValue value : mapping.entries().values()) {
      count += value instanceof TensorReference ? 1 : 0;
    }
    return count;
  }

  private static @Nullable Mapping mapping(@Nullable PickleValue value) {
    return switch (value) {
      case Mapping mapping -> mapping;
      case Opaque opaque -> opaque.items().orElse(null);
      case null, default -> null;
    };
  }
}
