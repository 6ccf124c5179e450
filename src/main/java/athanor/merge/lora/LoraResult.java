package athanor.merge.lora;

import athanor.safetensors.InMemoryTensor;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A LoRA that was computed and not yet written.
 *
 * @param tensors what the file will hold
 * @param modules how well each low-rank module stands for what it replaces, sorted by name
 * @param notes what the user should know, in sentences
 */
public record LoraResult(
    List<InMemoryTensor> tensors, List<ModuleChange> modules, List<String> notes) {

  /** Copies the lists. */
  public LoraResult {
    tensors = List.copyOf(tensors);
    modules = List.copyOf(modules);
    notes = List.copyOf(notes);
  }

  /** ‖ΔW − ΔW'‖ / ‖ΔW‖ over all modules together. */
  public double relativeError() {
    double error = modules.stream().mapToDouble(ModuleChange::squaredError).sum();
    double norm = modules.stream().mapToDouble(ModuleChange::squaredNorm).sum();
    return norm == 0 ? 0 : Math.sqrt(error / norm);
  }

  /** The module with the largest relative error; empty without modules. */
  public Optional<ModuleChange> worst() {
    return modules.stream().max(Comparator.comparingDouble(ModuleChange::relativeError));
  }
}
