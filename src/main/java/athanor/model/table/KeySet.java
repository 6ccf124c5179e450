package athanor.model.table;

import athanor.tensor.Shape;
import athanor.tensor.TensorInfo;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** The tensors of a file, asked for by key. */
public final class KeySet {
  private final Map<String, TensorInfo> tensors;
  private final String[] keys;

  private KeySet(Map<String, TensorInfo> tensors) {
    this.tensors = tensors;
    this.keys = tensors.keySet().toArray(String[]::new);
  }

  /** The tensors of a file; of two with one key, the last counts. */
  public static KeySet of(Collection<TensorInfo> tensors) {
    var byKey = LinkedHashMap.<String, TensorInfo>newLinkedHashMap(tensors.size());
    tensors.forEach(tensor -> byKey.put(tensor.key(), tensor));
    return new KeySet(byKey);
  }

  /** The tensors by their keys, in the order of the file. */
  public Map<String, TensorInfo> tensors() {
    return tensors;
  }

  /** Number of keys. */
  public int size() {
    return tensors.size();
  }

  /** Whether a key is there. */
  public boolean has(String key) {
    return tensors.containsKey(key);
  }

  /** Whether all of these keys are there. */
  public boolean hasAll(String... keys) {
    for (String key : keys) {
      if (!has(key)) {
        return false;
      }
    }
    return true;
  }

  /** Whether a key passes a test. */
  public boolean any(Predicate<String> test) {
    for (String key : keys) {
      if (test.test(key)) {
        return true;
      }
    }
    return false;
  }

  /** How many keys pass a test. */
  public int count(Predicate<String> test) {
    int count = 0;
    for (String key : keys) {
      count += test.test(key) ? 1 : 0;
    }
    return count;
  }

  /** Whether a key begins so. */
  public boolean anyStartsWith(String prefix) {
    for (String key : keys) {
      if (key.startsWith(prefix)) {
        return true;
      }
    }
    return false;
  }

  /** Whether a key ends so. */
  public boolean anyEndsWith(String suffix) {
    for (String key : keys) {
      if (key.endsWith(suffix)) {
        return true;
      }
    }
    return false;
  }

  /** The shape of the tensor with this key. */
  public Optional<Shape> shape(String key) {
    return Optional.ofNullable(tensors.get(key)).map(TensorInfo::shape);
  }

  /** The size along an axis; -1 when the key or the axis does not exist. */
  public long dim(String key, int axis) {
    return shape(key)
        .filter(shape -> shape.rank() > axis)
        .map(shape -> shape.dim(axis))
        .orElse(-1L);
  }
}
