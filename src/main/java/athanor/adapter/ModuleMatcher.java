package athanor.adapter;

import athanor.adapter.format.Destination;
import athanor.error.AthanorException;
import athanor.error.Problem;
import athanor.model.CheckpointModel;
import athanor.model.Component;
import athanor.model.FusedModule;
import athanor.model.Target;
import athanor.model.TargetIndex;
import athanor.model.naming.ModulePrefixes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Finds the target of each module and notices modules that mean the same rows. */
final class ModuleMatcher {
  private final AdapterFile file;
  private final Set<Component> components;
  private final TargetIndex targets;
  private final Map<String, List<Placed>> placedByKey = new HashMap<>();

  private record Placed(AdapterModule module, Target target) {}

  ModuleMatcher(AdapterFile file, CheckpointModel model, TargetIndex targets) {
    this.file = file;
    this.components = Set.copyOf(model.components());
    this.targets = targets;
  }

  List<ModuleMatch> match() {
    List<ModuleMatch> matches = new ArrayList<>();
    for (AdapterModule module : file.modules()) {
      matches.add(new ModuleMatch(module, outcomeOf(module)));
    }
    return matches;
  }

  private ModuleOutcome outcomeOf(AdapterModule module) {
    Optional<Problem> refusal = module.refusal().or(module::problem);
    if (refusal.isPresent()) {
      return new ModuleOutcome.Refused(refusal.get());
    }
    Optional<Target> target = targets.find(module.name());
    if (target.isPresent()) {
      return place(module, List.of(target.get()), () -> List.of(placed(module, target.get())));
    }
    return targets
        .findFused(module.name())
        .map(fused ->
            place(
                module,
                fused.parts().stream().map(FusedModule.Part::target).toList(),
                () -> SplitModule.of(file.name(), module, fused)))
        .orElseGet(() -> withoutTarget(module.name()));
  }

  private ModuleOutcome place(
      AdapterModule module, List<Target> places, Supplier<List<PlacedModule>> placing) {
    for (Target target : places) {
      Optional<ModuleOutcome> repeated = repeated(module, target);
      if (repeated.isPresent()) {
        return repeated.get();
      }
    }
    for (Target target : places) {
      placedByKey
          .computeIfAbsent(target.weight().key(), key -> new ArrayList<>())
          .add(new Placed(module, target));
    }
    try {
      return new ModuleOutcome.Applied(placing.get());
    } catch (AthanorException e) {
      return new ModuleOutcome.Refused(e.problem());
    }
  }

  private PlacedModule placed(AdapterModule module, Target target) {
    return new PlacedModule(
        module.name(), target, ModuleChanges.of(module, new Destination(file.name(), target)));
  }

  private ModuleOutcome withoutTarget(String module) {
    Optional<String> encoder = ModulePrefixes.textEncoder(ModulePrefixes.unwrapped(module));
    if (encoder.isEmpty()) {
      return new ModuleOutcome.WithoutTarget("no such module in the checkpoint", false);
    }
    if (components.stream().noneMatch(Component::isTextEncoder)) {
      return new ModuleOutcome.WithoutTarget("the checkpoint has no text encoder", true);
    }
    return Collections.disjoint(components, ModulePrefixes.componentsOf(encoder.get()))
        ? new ModuleOutcome.WithoutTarget("the checkpoint does not have this text encoder", true)
        : new ModuleOutcome.WithoutTarget("no such text encoder module in the checkpoint", false);
  }

  /** Two spellings of one module, or a fused module beside one of its slices. */
  private Optional<ModuleOutcome> repeated(AdapterModule module, Target target) {
    for (Placed earlier : placedByKey.getOrDefault(target.weight().key(), List.of())) {
      if (!earlier.target().overlaps(target)) {
        continue;
      }
      if (earlier.target().equals(target) && file.doTheSame(earlier.module(), module)) {
        return Optional.of(new ModuleOutcome.Repeated(earlier.module().name()));
      }
      return Optional.of(
          new ModuleOutcome.Refused(
              Problem.badFile("two modules of this file change the same weights differently")
                  .at(file.name() + ", " + module.name())
                  .found(
                      "the same rows of "
                          + target.weight().key()
                          + " as "
                          + earlier.module().name())
                  .help(
                      "the file holds two versions of one LoRA; ask its author for a clean one")));
    }
    return Optional.empty();
  }
}
