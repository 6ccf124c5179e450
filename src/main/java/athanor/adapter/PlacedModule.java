package athanor.adapter;

import athanor.delta.Change;
import athanor.model.Target;
import java.util.List;

/**
 * A module of a LoRA that fits a checkpoint.
 *
 * @param name the module, as the file spells it
 * @param target the module of the checkpoint that it changes
 * @param changes what it does there at full strength, to its weight, its bias or both
 */
public record PlacedModule(String name, Target target, List<Change> changes) {
  /** Copies the list. */
  public PlacedModule {
    changes = List.copyOf(changes);
  }
}
