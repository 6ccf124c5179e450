package athanor.adapter;

import athanor.delta.Change;
import athanor.error.Problem;
import java.util.List;

/** What becomes of one module of a LoRA when it meets a checkpoint. */
public sealed interface ModuleOutcome {
  /**
   * It fits.
   *
   * @param placed where; several where the checkpoint has in several tensors what is one here
   */
  record Applied(List<PlacedModule> placed) implements ModuleOutcome {
    /** Copies the list. */
    public Applied {
      placed = List.copyOf(placed);
    }

    /** What it does altogether, at full strength. */
    public List<Change> changes() {
      return placed.stream().flatMap(one -> one.changes().stream()).toList();
    }
  }

  /**
   * The checkpoint has nothing of that name.
   *
   * @param reason why, a phrase
   * @param harmless whether it is for a part that checkpoints may lack, and this one does
   */
  record WithoutTarget(String reason, boolean harmless) implements ModuleOutcome {}

  /** It says the same as another module of the file and is counted once. */
  record Repeated(String earlierModule) implements ModuleOutcome {}

  /** It cannot be merged, and so neither can the file. */
  record Refused(Problem problem) implements ModuleOutcome {}
}
