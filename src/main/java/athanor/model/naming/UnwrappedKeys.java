package athanor.model.naming;

import athanor.model.table.KeySet;
import athanor.tensor.TensorInfo;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The keys of a file without what training programs wrap around models: {@code module.} and {@code
 * _orig_mod.} wherever they stand, and what stands before all of a checkpoint, as in {@code
 * model.model.diffusion_model.} and {@code model.first_stage_model.}. Immutable.
 */
public final class UnwrappedKeys {
  private static final String DENOISER = ComponentNames.of("denoiser").checkpoint().getFirst();

  private final Map<String, String> plainByStored;
  private final Map<String, String> storedByPlain;
  private final String outer;
  private final KeySet plain;

  private UnwrappedKeys(
      Collection<TensorInfo> tensors, Map<String, String> plainByStored, String outer) {
    this.plainByStored = plainByStored;
    this.storedByPlain = HashMap.newHashMap(plainByStored.size());
    plainByStored.forEach((stored, key) -> storedByPlain.put(key, stored));
    this.outer = outer;
    this.plain =
        KeySet.of(
            plainByStored.isEmpty()
                ? tensors
                : tensors.stream()
                    .map(tensor ->
                        new TensorInfo(plain(tensor.key()), tensor.dtype(), tensor.shape()))
                    .toList());
  }

  /**
   * The keys of a file. Where two would be the same without their wrappers, nothing is taken away.
   */
  public static UnwrappedKeys of(Collection<TensorInfo> tensors) {
    Map<String, String> plain = LinkedHashMap.newLinkedHashMap(tensors.size());
    tensors.forEach(tensor -> plain.put(tensor.key(), Insertions.removed(tensor.key())));
    String outer = outer(plain.values());
    if (!outer.isEmpty()) {
      plain.replaceAll(
          (stored, key) -> key.startsWith(outer) ? key.substring(outer.length()) : key);
    }
    boolean same =
        plain.entrySet().stream().allMatch(entry -> entry.getKey().equals(entry.getValue()));
    boolean ambiguous = Set.copyOf(plain.values()).size() < plain.size();
    return same || ambiguous
        ? new UnwrappedKeys(tensors, Map.of(), "")
        : new UnwrappedKeys(tensors, plain, outer);
  }

  /**
   * The keys of a file under other names.
   *
   * @param tensors its tensors
   * @param plainByStored the names, by the keys that it has or would have
   */
  public static UnwrappedKeys renamed(
      Collection<TensorInfo> tensors, Map<String, String> plainByStored) {
    return new UnwrappedKeys(tensors, Map.copyOf(plainByStored), "");
  }

  /** What stands before the usual prefix of a denoiser, or before all keys; empty if nothing. */
  private static String outer(Collection<String> keys) {
    for (String outer : ComponentNames.outer()) {
      if (!keys.isEmpty() && keys.stream().allMatch(key -> key.startsWith(outer))) {
        return outer;
      }
    }
    Set<String> before = new HashSet<>();
    for (String key : keys) {
      int at = key.startsWith(DENOISER) ? 0 : key.indexOf("." + DENOISER) + 1;
      if (at > 0 || key.startsWith(DENOISER)) {
        before.add(key.substring(0, at));
      }
    }
    return before.size() == 1 ? before.iterator().next() : "";
  }

  /** Whether anything was taken away. */
  public boolean areWrapped() {
    return !plainByStored.isEmpty();
  }

  /** The tensors under their plain keys, in the order of the file. */
  public KeySet plain() {
    return plain;
  }

  /** The plain key of a tensor. */
  public String plain(String stored) {
    return plainByStored.getOrDefault(stored, stored);
  }

  /** How the file spells a plain key, or would spell it if it had it. */
  public String stored(String plainKey) {
    String stored = storedByPlain.get(plainKey);
    return stored != null ? stored : outer() + plainKey;
  }

  /** What stands before all keys; may be empty although keys are wrapped. */
  public String outer() {
    return outer.isEmpty() ? commonInsertion() : outer;
  }

  private String commonInsertion() {
    for (String word : ComponentNames.inserted()) {
      if (areWrapped() && plainByStored.keySet().stream().allMatch(key -> key.startsWith(word))) {
        return word;
      }
    }
    return "";
  }
}
