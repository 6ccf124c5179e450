package athanor.merge.lora;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** What became of the modules of a LoRA, told by those who compute them. Thread-safe. */
public final class ModuleChanges {
  private final SortedMap<String, ModuleChange> byName = new ConcurrentSkipListMap<>();
  private final List<LeftOut> leftOut;

  /** Changes that stand for everything there was. */
  public ModuleChanges() {
    this(List.of());
  }

  /**
   * Changes beside which something is lost whole.
   *
   * @param leftOut what no module stands for
   */
  public ModuleChanges(List<LeftOut> leftOut) {
    this.leftOut = List.copyOf(leftOut);
  }

  /** Notes what became of a module. */
  public void record(ModuleChange change) {
    byName.put(change.module(), change);
  }

  /** All so far, sorted by name. */
  public List<ModuleChange> all() {
    return List.copyOf(byName.values());
  }

  /** What no module stands for. */
  public List<LeftOut> leftOut() {
    return leftOut;
  }

  /** ‖ΔW − ΔW'‖ / ‖ΔW‖ over all there was: the modules together and what is left out. */
  public double relativeError() {
    return relativeError(leftOut.stream().mapToDouble(LeftOut::squaredNorm).sum());
  }

  /** ‖ΔW − ΔW'‖ / ‖ΔW‖ over all modules together. */
  public double errorOfModules() {
    return relativeError(0);
  }

  private double relativeError(double lost) {
    double error = lost;
    double norm = lost;
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
