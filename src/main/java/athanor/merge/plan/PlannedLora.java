package athanor.merge.plan;

import athanor.adapter.AdapterMatch;
import athanor.adapter.ModuleMatch;
import athanor.adapter.ModuleOutcome;
import athanor.adapter.PlacedModule;
import athanor.error.Problem;
import athanor.model.Target;
import athanor.model.block.Block;
import athanor.model.block.BlockLayout;
import athanor.model.block.BlockPreset;
import athanor.model.block.BlockWeights;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * A LoRA of a merge: where its modules go, and how strongly.
 *
 * @param match the file against the base
 * @param strength as the user asked for it
 */
public record PlannedLora(AdapterMatch match, Strength strength) {

  /** The factor of each module. */
  public DeltaWeights deltaWeights() {
    return DeltaWeights.of(strength);
  }

  /** Whether it changes anything: where every factor is 0, every byte stays as it is. */
  public boolean isEffective() {
    DeltaWeights factors = deltaWeights();
    return match.placed().stream().anyMatch(module -> factors.factor(module) != 0);
  }

  /** Number of modules that fit and that its weights do not take out. */
  public int applied() {
    return match.applied() - leftOut() - atZero();
  }

  /** Number of modules that fit, but to which a weight of 0 gives no effect. */
  public int atZero() {
    return strength.isUniform()
        ? 0
        : blockFactors().stream()
            .filter(row -> row.factor() == 0)
            .mapToInt(BlockFactor::modules)
            .sum();
  }

  /** Number of modules that fit, but that a name filter leaves out. */
  public int leftOut() {
    return strength.hasFilter() ? blockFactors().stream().mapToInt(BlockFactor::leftOut).sum() : 0;
  }

  /** The factors by block, in the order of the blocks; blocks without modules are not listed. */
  public List<BlockFactor> blockFactors() {
    DeltaWeights factors = deltaWeights();
    Map<Slot, BlockFactor> slots = new TreeMap<>(Slot.ORDER);
    for (ModuleMatch module : match.modules()) {
      if (module.outcome() instanceof ModuleOutcome.Applied applied
          && !applied.changes().isEmpty()) {
        PlacedModule placed = applied.placed().getFirst();
        Target target = placed.target();
        boolean text = target.component().isTextEncoder();
        int out = factors.leavesOut(placed) ? 1 : 0;
        slots.merge(
            new Slot(target.block(), text),
            new BlockFactor(target.block(), text, factors.factor(target), 1 - out, out),
            PlannedLora::sum);
      }
    }
    return new ArrayList<>(slots.values());
  }

  private static BlockFactor sum(BlockFactor one, BlockFactor other) {
    return new BlockFactor(
        one.block(),
        one.textEncoder(),
        one.factor(),
        one.modules() + other.modules(),
        one.leftOut() + other.leftOut());
  }

  /**
   * Why its name filters cannot be meant so; empty if they can, or if nothing is applied anyway.
   */
  public Optional<Problem> filterProblem() {
    return !strength.isZero() && strength.hasFilter()
        ? new FilterCheck(this).problem()
        : Optional.empty();
  }

  /** Why it would change nothing though its strength is not 0; empty if it changes something. */
  public Optional<Problem> effectProblem() {
    return strength.isZero() ? Optional.empty() : match.effectProblem().or(this::blockProblem);
  }

  /** That the block weights are for another kind of model; empty if they are for this one. */
  private Optional<Problem> blockProblem() {
    Optional<String> scheme =
        match.placed().stream().map(placed -> placed.target().block().scheme()).findFirst();
    if (strength.blocks().isEmpty()
        || scheme.isEmpty()
        || strength.blocks().get().weights().areFor(scheme.get())) {
      return Optional.empty();
    }
    BlockList list = strength.blocks().get();
    return Optional.of(
        Problem.incompatible("these block weights are for another kind of model")
            .at(match.file().name())
            .found("lbw=" + list.preset().orElse(list.values().size() + " weights"))
            .expected(
                BlockLayout.lengthsFor(scheme.get()).stream()
                        .map(String::valueOf)
                        .collect(Collectors.joining(" or "))
                    + " weights, or a preset for this model")
            .help("presets: " + presetsFor(scheme.get())));
  }

  private static String presetsFor(String scheme) {
    return BlockPreset.all().stream()
        .filter(preset -> BlockWeights.of(preset, 0).areFor(scheme))
        .map(BlockPreset::name)
        .collect(Collectors.joining(", "));
  }

  private record Slot(Block block, boolean textEncoder) {
    static final Comparator<Slot> ORDER =
        Comparator.comparing(Slot::block).thenComparing(Slot::textEncoder);
  }
}
