package athanor.merge.lora.sum;

import athanor.adapter.PlacedModule;
import athanor.delta.Change;
import athanor.error.Problem;
import athanor.merge.lora.LoraFormat;
import athanor.merge.plan.DeltaWeights;
import athanor.merge.plan.Numbers;
import athanor.merge.plan.PlannedLora;
import athanor.model.Target;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The sum of LoRAs, module by module: Σ ratioᵢ·ΔWᵢ, whatever the spelling of names in each file. A
 * module that is fused in one file and split in another is split.
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
   * @param format the spelling of the result: modules that it has no name for are split into parts
   * @throws athanor.error.AthanorException of kind INCOMPATIBLE if nothing is left because every
   *     factor is 0, or if one LoRA changes a fused weight of which another changes a part that is
   *     none of those that the architecture knows
   */
  public static LoraSum of(List<PlannedLora> loras, LoraFormat format) {
    List<FusedTargets.Addition> additions = additions(loras);
    if (additions.isEmpty()) {
      throw Problem.incompatible("nothing would be left: every ratio or alpha is 0")
          .help("give at least one LoRA a ratio, as in pixel.safetensors@0.6")
          .toException();
    }
    FusedTargets fused =
        FusedTargets.of(
            additions.stream().map(FusedTargets.Addition::target).toList(),
            loras.getFirst().match().targets()::partsOf,
            format::names);
    Map<String, Parts> parts = new TreeMap<>();
    for (FusedTargets.Addition whole : additions) {
      for (FusedTargets.Addition part : fused.apart(whole)) {
        parts
            .computeIfAbsent(part.target().kohyaName(), name -> new Parts(part.target()))
            .add(part.add());
      }
    }
    List<ModuleSum> modules = parts.values().stream().map(Parts::sum).toList();
    refuseOverlaps(modules);
    return new LoraSum(modules);
  }

  /** All that is added, LoRA by LoRA, without what has the factor 0. */
  private static List<FusedTargets.Addition> additions(List<PlannedLora> loras) {
    List<FusedTargets.Addition> additions = new ArrayList<>();
    for (PlannedLora lora : loras) {
      DeltaWeights weights = lora.deltaWeights();
      for (PlacedModule module : lora.match().placed()) {
        double factor = weights.factor(module);
        for (Change change : module.changes()) {
          Change.Add add = addition(loras, lora, module, change).times(factor);
          if (add.factor() != 0) {
            additions.add(new FusedTargets.Addition(module.target(), add));
          }
        }
      }
    }
    return additions;
  }

  private static Change.Add addition(
      List<PlannedLora> loras, PlannedLora lora, PlacedModule module, Change change) {
    return switch (change) {
      case Change.Add add -> add;
      case Change.Transform _, Change.Combine _ ->
          throw Problem.incompatible("what this LoRA does depends on the weights of a checkpoint")
              .at(lora.match().file().name() + ", " + module.name())
              .expected("changes that are the same for every checkpoint")
              .help(
                  "bake them into one instead: athanor merge --base CHECKPOINT" + arguments(loras))
              .toException();
    };
  }

  private static String arguments(List<PlannedLora> loras) {
    return loras.stream()
            .map(lora ->
                " " + lora.match().file().name() + "@" + Numbers.text(lora.strength().ratio()))
            .collect(Collectors.joining())
        + " --out merged.safetensors";
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
    private final List<Change.Add> pairs = new ArrayList<>();
    private final List<Change.Add> differences = new ArrayList<>();
    private final List<Change.Add> biases = new ArrayList<>();

    Parts(Target target) {
      this.target = target;
    }

    void add(Change.Add add) {
      if (!add.rows().equals(target.weight())) {
        biases.add(add);
      } else if (add.delta().asLowRank().isPresent()) {
        pairs.add(add);
      } else {
        differences.add(add);
      }
    }

    ModuleSum sum() {
      return new ModuleSum(target, pairs, differences, biases);
    }
  }
}
