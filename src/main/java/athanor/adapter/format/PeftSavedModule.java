package athanor.adapter.format;

import athanor.delta.Change;
import athanor.delta.ReplacementTransform;
import athanor.error.Problem;
import athanor.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A weight, a bias or both that PEFT trained in full and saved whole ({@code modules_to_save}).
 * They take the place of those that are there. PEFT writes them under plain names, {@code
 * X.weight}; other programs leave {@code modules_to_save} in the key.
 */
final class PeftSavedModule implements MergingFormat {
  static final Part WEIGHT = new Part("saved module", "weight");
  static final Part BIAS = new Part("saved module", "bias");

  @Override
  public String label() {
    return "saved modules";
  }

  @Override
  public List<Suffix> suffixes() {
    return List.of(
        Suffix.of(".modules_to_save.weight", WEIGHT),
        Suffix.of(".modules_to_save.*.weight", WEIGHT),
        Suffix.of(".modules_to_save.bias", BIAS),
        Suffix.of(".modules_to_save.*.bias", BIAS),
        Suffix.inAdapter(".weight", WEIGHT),
        Suffix.inAdapter(".bias", BIAS));
  }

  /**
   * PEFT saves such tensors under their plain names: whole modules that its configuration lists,
   * and biases that it trained beside the pairs. Everything under PEFT's own root is one of them,
   * but for the weights of the base, which a state dict that was dumped may hold too.
   */
  @Override
  public boolean claimsStray(String module, Part part, PeftConfig config) {
    boolean ofTheBase =
        module.endsWith(".base_layer")
            || module.endsWith(".original_module")
            || module.contains(".original_module.");
    return !ofTheBase
        && (PeftConfig.isUnderRoot(module)
            || config.savesWhole(module)
            || part.equals(BIAS) && config.trainsBias(module));
  }

  @Override
  public Optional<Problem> problem(ModuleTensors module) {
    return module.typeProblem(
        "a saved tensor",
        List.of(WEIGHT, BIAS).stream().flatMap(part -> module.find(part).stream()).toList());
  }

  @Override
  public ModuleSize size(ModuleTensors module) {
    return module.sizeOf(WEIGHT);
  }

  /** None. */
  @Override
  public OptionalLong rank(ModuleTensors module) {
    return OptionalLong.empty();
  }

  @Override
  public List<Change> changes(ModuleTensors module, Destination destination) {
    List<Change> changes = new ArrayList<>();
    module
        .find(WEIGHT)
        .ifPresent(weight -> {
          Shape shape = weight.shape();
          changes.add(
              new Change.Transform(
                  new ReplacementTransform(module.source(), weight),
                  destination.weight(shape.rows(), shape.columns(), weight, weight)));
        });
    module
        .find(BIAS)
        .ifPresent(bias ->
            changes.add(
                new Change.Transform(
                    new ReplacementTransform(module.source(), bias), destination.bias(bias))));
    return changes;
  }
}
