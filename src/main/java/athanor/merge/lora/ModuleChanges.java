package athanor.merge.lora;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** What became of the modules of a LoRA, told by those who compute them. Thread-safe. */
public final class ModuleChanges {
  private final SortedMap<String, ModuleChange> byName = new ConcurrentSkipListMap<>();

  /** Notes what became of a module. */
  public void record(ModuleChange change) {
    byName.put(change.module(), change);
  }

  /** All so far, sorted by name. */
  public List<ModuleChange> all() {
    return List.copyOf(byName.values());
  }

  /** ‖ΔW − ΔW'‖ / ‖ΔW‖ over all modules together. */
  public double relativeError() {
    double error = 0;
    double norm = 0;
    for (ModuleChange change : byName.values()) {
      error += change.squaredError();
      norm += change.squaredNorm();
    }
    return norm == 0 ? 0 : Math.sqrt(error / norm);
  }

  /** The module with the largest relative error; empty without modules. */
  public Optional<ModuleChange> worst() {
    return byName.values().stream().max(Comparator.comparingDouble(ModuleChange::relativeError));
  }
}
