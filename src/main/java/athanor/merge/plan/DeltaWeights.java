package athanor.merge.plan;

import athanor.adapter.PlacedModule;
import athanor.model.CheckpointModel;
import athanor.model.Component;
import athanor.model.Target;
import athanor.model.block.Block;
import athanor.model.block.BlockWeights;
import java.util.List;
import java.util.Optional;

/**
 * The one place that says how strongly a module of a LoRA, or a tensor of a checkpoint, is applied:
 * the ratio of its component × the weight of its block, or nothing where a name filter leaves it
 * out. Immutable and thread-safe.
 */
public final class DeltaWeights {
  private final double ratio;
  private final double textEncoderRatio;
  private final Optional<BlockWeights> blocks;
  private final List<NamePattern> only;
  private final List<NamePattern> skip;
  private final List<ElementRule> elements;

  private DeltaWeights(Strength strength) {
    this.ratio = strength.ratio();
    this.textEncoderRatio = strength.textEncoderRatio().orElse(ratio);
    this.blocks = strength.blocks().map(list -> list.weights());
    this.only = strength.only().stream().map(NamePattern::new).toList();
    this.skip = strength.skip().stream().map(NamePattern::new).toList();
    this.elements = strength.elements();
  }

  /** The factors that a strength gives the parts of a contribution. */
  public static DeltaWeights of(Strength strength) {
    return new DeltaWeights(strength);
  }

  /** The factor of a module, beside its own scale; 0 if it is left out. */
  public double factor(PlacedModule module) {
    return leavesOut(module) ? 0 : factor(module.target());
  }

  /** The factor of what has this target, whatever the filters say. */
  public double factor(Target target) {
    return factor(target.component(), target.block());
  }

  /** The factor of a whole tensor of a checkpoint; 0 if it is left out. */
  public double factor(String key, CheckpointModel model) {
    Component component = model.componentOf(key);
    boolean out =
        skip.stream().anyMatch(pattern -> pattern.fits(key, component))
            || (!only.isEmpty()
                && only.stream().noneMatch(pattern -> pattern.fits(key, component)));
    Block block = model.blockOf(key);
    double factor = factor(component, block);
    for (ElementRule rule : elements) {
      factor = rule.isFor(block.name(), key) ? rule.ratio() : factor;
    }
    return out ? 0 : factor;
  }

  private double factor(Component component, Block block) {
    double own = component.isTextEncoder() ? textEncoderRatio : ratio;
    return blocks.isPresent() ? own * blocks.get().factor(block) : own;
  }

  /** Whether the name filters leave a module out. */
  public boolean leavesOut(PlacedModule module) {
    return fitsAny(skip, module) || (!only.isEmpty() && !fitsAny(only, module));
  }

  private static boolean fitsAny(List<NamePattern> patterns, PlacedModule module) {
    for (NamePattern pattern : patterns) {
      if (pattern.fits(module.name(), module.target())) {
        return true;
      }
    }
    return false;
  }
}
