package athanor.merge.lora.sum;

import athanor.merge.lora.ModuleChange;
import athanor.merge.lora.ModuleChanges;

/**
 * How far a file is from the exact sum, measured while it is computed. Thread-safe; the answers
 * count the modules recorded so far, in the order of their names.
 */
public final class Approximation {
  private final ModuleChanges changes = new ModuleChanges();

  /** A module's name and relative error. */
  public record ModuleError(String module, double relativeError) {}

  /** Notes what became of a module. */
  public void record(ModuleChange change) {
    changes.record(change);
  }

  /** What became of each module. */
  public ModuleChanges changes() {
    return changes;
  }

  /** ‖approximation − exact‖ / ‖exact‖ over all low-rank modules together, Frobenius norm. */
  public double relativeError() {
    return changes.relativeError();
  }

  /** The module with the largest relative error. */
  public ModuleError worst() {
    return changes
        .worst()
        .map(change -> new ModuleError(change.module(), change.relativeError()))
        .orElseGet(() -> new ModuleError("", 0));
  }
}
