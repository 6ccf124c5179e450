package athanor.merge.lora.sum;

import athanor.adapter.Delta;
import athanor.adapter.DenseDelta;
import athanor.adapter.LowRankDelta;
import athanor.error.Problem;
import athanor.merge.DeltaWeights;
import athanor.merge.PlannedLora;
import athanor.merge.WeightedDelta;
import athanor.model.Target;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The sum of LoRAs, module by module: Σ ratioᵢ·ΔWᵢ, whatever the spelling of names in each file.
 *
 * @param modules one for each target that some LoRA changes, sorted by kohya's name
 */
public record LoraSum(List<ModuleSum> modules) {

  /** Copies the list. */
  public LoraSum {
    modules = List.copyOf(modules);
  }

  /**
   * Adds up LoRAs that fit the same architecture.
   *
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if nothing is left because every
   *     factor is 0, or if one LoRA changes a fused weight of which another changes a part
   */
  public static LoraSum of(List<PlannedLora> loras) {
    Map<String, Parts> parts = new TreeMap<>();
    for (PlannedLora lora : loras) {
      DeltaWeights weights = lora.deltaWeights();
      for (Delta delta : lora.match().deltas()) {
        var weighted = new WeightedDelta(delta, weights.factor(delta));
        if (weighted.factor() != 0) {
          parts
              .computeIfAbsent(delta.target().kohyaName(), name -> new Parts(delta.target()))
              .add(weighted);
        }
      }
    }
    if (parts.isEmpty()) {
      throw Problem.incompatible("nothing would be left: every ratio or alpha is 0")
          .help("give at least one LoRA a ratio, as in pixel.safetensors@0.6")
          .toException();
    }
    List<ModuleSum> modules = parts.values().stream().map(Parts::sum).toList();
    refuseOverlaps(modules);
    return new LoraSum(modules);
  }

  private static void refuseOverlaps(List<ModuleSum> modules) {
    Map<String, List<ModuleSum>> byKey = new HashMap<>();
    for (ModuleSum module : modules) {
      String key = module.target().weight().key();
      for (ModuleSum other : byKey.computeIfAbsent(key, k -> new ArrayList<>())) {
        if (other.target().overlaps(module.target())) {
          throw Problem.incompatible("one LoRA changes a fused weight, another a part of it")
              .at(other.target().kohyaName() + " and " + module.target().kohyaName())
              .found("both change rows of " + key)
              .help("merge both into a checkpoint instead: --base FILE")
              .toException();
        }
      }
      byKey.get(key).add(module);
    }
  }

  private static final class Parts {
    private final Target target;
    private final List<WeightedDelta> pairs = new ArrayList<>();
    private final List<WeightedDelta> differences = new ArrayList<>();
    private final List<WeightedDelta> biases = new ArrayList<>();

    Parts(Target target) {
      this.target = target;
    }

    void add(WeightedDelta weighted) {
      switch (weighted.delta()) {
        case LowRankDelta _ -> pairs.add(weighted);
        case DenseDelta dense when dense.region().equals(target.weight()) ->
            differences.add(weighted);
        case DenseDelta _ -> biases.add(weighted);
      }
    }

    ModuleSum sum() {
      return new ModuleSum(target, pairs, differences, biases);
    }
  }
}
