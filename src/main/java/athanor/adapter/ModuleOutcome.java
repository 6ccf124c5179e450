package athanor.adapter;

import athanor.error.Problem;

/** What becomes of one module of a LoRA when it meets a checkpoint. */
public sealed interface ModuleOutcome {
  /** It fits. */
  record Applied(PlacedModule placed) implements ModuleOutcome {}

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
