package athanor.model;

import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** The tensors of a file, asked for by key. */
final class KeySet {
  private final Map<String, TensorInfo> tensors;
  private final String[] keys;

  private KeySet(Map<String, TensorInfo> tensors) {
    this.tensors = tensors;
    this.keys = tensors.keySet().toArray(String[]::new);
  }

  static KeySet of(Collection<TensorInfo> tensors) {
    var byKey = LinkedHashMap.<String, TensorInfo>newLinkedHashMap(tensors.size());
    tensors.forEach(tensor -> byKey.put(tensor.key(), tensor));
    return new KeySet(byKey);
  }

  Map<String, TensorInfo> tensors() {
    return tensors;
  }

  int size() {
    return tensors.size();
  }

  boolean has(String key) {
    return tensors.containsKey(key);
  }

  boolean hasAll(String... keys) {
    for (String key : keys) {
      if (!has(key)) {
        return false;
      }
    }
    return true;
  }

  boolean any(Predicate<String> test) {
    for (String key : keys) {
      if (test.test(key)) {
        return true;
      }
    }
    return false;
  }

  int count(Predicate<String> test) {
    int count = 0;
    for (String key : keys) {
      count += test.test(key) ? 1 : 0;
    }
    return count;
  }

  boolean anyStartsWith(String prefix) {
    for (String key : keys) {
      if (key.startsWith(prefix)) {
        return true;
      }
    }
    return false;
  }

  boolean anyEndsWith(String suffix) {
    for (String key : keys) {
      if (key.endsWith(suffix)) {
        return true;
      }
    }
    return false;
  }

  Optional<Shape> shape(String key) {
    return Optional.ofNullable(tensors.get(key)).map(TensorInfo::shape);
  }

  /** The size along an axis; -1 when the key or the axis does not exist. */
  long dim(String key, int axis) {
    return shape(key)
        .filter(shape -> shape.rank() > axis)
        .map(shape -> shape.dim(axis))
        .orElse(-1L);
  }
}
