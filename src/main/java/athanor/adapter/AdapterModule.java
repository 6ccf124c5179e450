package athanor.adapter;

import athanor.tensor.TensorInfo;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The tensors of one module of an adapter file. Immutable.
 *
 * @param name the module as the file spells it
 * @param tensors its tensors by role; tensors of formats that are only recognised are not in it
 * @param formats the formats its suffixes belong to
 * @param repeated keys that play a role which another key plays already
 */
public record AdapterModule(
    String name, Map<Role, TensorInfo> tensors, Set<Format> formats, List<String> repeated) {

  /** Copies its arguments. */
  public AdapterModule {
    Map<Role, TensorInfo> byRole = new EnumMap<>(Role.class);
    byRole.putAll(tensors);
    tensors = Collections.unmodifiableMap(byRole);
    Set<Format> all = EnumSet.noneOf(Format.class);
    all.addAll(formats);
    formats = Collections.unmodifiableSet(all);
    repeated = List.copyOf(repeated);
  }

  /** The tensor in this role. */
  public Optional<TensorInfo> tensor(Role role) {
    return Optional.ofNullable(tensors.get(role));
  }

  /** Whether it has both factors of a low-rank pair. */
  public boolean hasPair() {
    return tensors.containsKey(Role.UP) && tensors.containsKey(Role.DOWN);
  }

  /** The rank of its low-rank pair, {@code down.shape[0]}; 0 without one. */
  public long rank() {
    TensorInfo down = tensors.get(Role.DOWN);
    return down == null || down.shape().rank() == 0 ? 0 : down.shape().dim(0);
  }

  /** Whether its low-rank pair is one of a convolution with a kernel larger than 1×1. */
  public boolean isSpatial() {
    TensorInfo core = tensors.getOrDefault(Role.MID, tensors.get(Role.DOWN));
    return core != null
        && core.shape().rank() == 4
        && (core.shape().dim(2) > 1 || core.shape().dim(3) > 1);
  }
}
