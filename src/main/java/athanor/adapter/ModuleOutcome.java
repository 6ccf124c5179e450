package athanor.adapter;

import athanor.error.Problem;
import java.util.List;

/** What becomes of one module of a LoRA when it meets a checkpoint. */
public sealed interface ModuleOutcome {
  /** It fits: these deltas carry it. */
  record Applied(List<Delta> deltas) implements ModuleOutcome {
    /** Copies the list. */
    public Applied {
      deltas = List.copyOf(deltas);
    }
  }

  /** The checkpoint has nothing of that name; harmless for parts that a checkpoint may lack. */
  record WithoutTarget(String reason) implements ModuleOutcome {}

  /** It says the same as another module of the file and is counted once. */
  record Repeated(String earlierModule) implements ModuleOutcome {}

  /** It cannot be merged, and so neither can the file. */
  record Refused(Problem problem) implements ModuleOutcome {}
}
