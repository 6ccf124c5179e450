package athanor.model;

import athanor.model.block.Block;
import athanor.model.naming.ModuleScope;
import athanor.model.naming.UnwrappedKeys;
import athanor.tensor.TensorInfo;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A checkpoint whose keys have something around them, or are those of another layout: known by the
 * plain keys, kept as it is.
 */
final class WrappedCheckpoint implements CheckpointModel {
  private final CheckpointModel plain;
  private final UnwrappedKeys keys;
  private final Map<String, TensorInfo> tensors;
  private final Set<Trait> traits;

  WrappedCheckpoint(CheckpointModel plain, UnwrappedKeys keys, Collection<TensorInfo> tensors) {
    this(plain, keys, tensors, EnumSet.of(Trait.WRAPPED_KEYS));
  }

  private WrappedCheckpoint(
      CheckpointModel plain,
      UnwrappedKeys keys,
      Collection<TensorInfo> tensors,
      EnumSet<Trait> traits) {
    this.plain = plain;
    this.keys = keys;
    this.tensors = LinkedHashMap.newLinkedHashMap(tensors.size());
    tensors.forEach(tensor -> this.tensors.put(tensor.key(), tensor));
    traits.addAll(plain.traits());
    this.traits = Collections.unmodifiableSet(traits);
  }

  /** A checkpoint in another layout, with other names for the same tensors. */
  static WrappedCheckpoint renamed(
      CheckpointModel plain, UnwrappedKeys keys, Collection<TensorInfo> tensors) {
    return new WrappedCheckpoint(plain, keys, tensors, EnumSet.noneOf(Trait.class));
  }

  @Override
  public Architecture architecture() {
    return plain.architecture();
  }

  @Override
  public Optional<String> variant() {
    return plain.variant();
  }

  @Override
  public Set<Trait> traits() {
    return traits;
  }

  @Override
  public List<String> missing() {
    return plain.missing().stream().map(keys::stored).toList();
  }

  @Override
  public String denoiserPrefix() {
    return keys.outer() + plain.denoiserPrefix();
  }

  @Override
  public String storedKey(String plainKey) {
    return keys.stored(plainKey);
  }

  @Override
  public Component componentOf(String key) {
    return plain.componentOf(keys.plain(key));
  }

  @Override
  public String commonKey(String key) {
    return plain.commonKey(keys.plain(key));
  }

  @Override
  public Optional<String> layout() {
    return plain.layout();
  }

  @Override
  public Block blockOf(String key) {
    return plain.blockOf(keys.plain(key));
  }

  @Override
  public Optional<TensorInfo> averageOf(TensorInfo tensor) {
    return plain
        .find(keys.plain(tensor.key()))
        .flatMap(plain::averageOf)
        .flatMap(average -> find(keys.stored(average.key())));
  }

  @Override
  public Collection<TensorInfo> tensors() {
    return tensors.values();
  }

  @Override
  public Optional<TensorInfo> find(String key) {
    return Optional.ofNullable(tensors.get(key));
  }

  @Override
  public List<ModuleScope> modules() {
    return plain.modules().stream()
        .map(scope -> scope.respelled(keys.outer(), keys::stored))
        .toList();
  }

  @Override
  public String toString() {
    return description();
  }
}
