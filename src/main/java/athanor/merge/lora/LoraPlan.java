package athanor.merge.lora;

import java.util.List;

/**
 * A LoRA about to be written.
 *
 * @param modules what the file will hold; their values are computed while they are written
 * @param changes filled meanwhile: how well each low-rank module stands for what it replaces
 * @param notes what the user should know, in sentences
 */
public record LoraPlan(List<LoraModule> modules, ModuleChanges changes, List<String> notes) {

  /** Copies the lists. */
  public LoraPlan {
    modules = List.copyOf(modules);
    notes = List.copyOf(notes);
  }
}
