package athanor.merge.lora.extract;

import athanor.tensor.Rows;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which rows of a file's tensors have been accounted for. */
final class CoveredRows {
  private final Map<String, List<Rows>> byKey = new HashMap<>();

  /** Notes rows; returns false, and notes nothing, if some of them have been noted. */
  boolean add(Rows rows) {
    List<Rows> before = byKey.computeIfAbsent(rows.key(), key -> new ArrayList<>());
    if (before.stream().anyMatch(rows::overlaps)) {
      return false;
    }
    before.add(rows);
    return true;
  }

  /** Whether any rows of a tensor have been noted. */
  boolean has(String key) {
    return byKey.containsKey(key);
  }
}
