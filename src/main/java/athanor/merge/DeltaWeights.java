package athanor.merge;

import athanor.adapter.Delta;
import athanor.merge.plan.Strength;
import athanor.model.BlockWeights;
import athanor.model.Target;
import java.util.List;
import java.util.Optional;

/**
 * The one place that says how strongly a delta of a LoRA is applied: the ratio of its component ×
 * the weight of its block, or nothing where a name filter leaves it out. Immutable and thread-safe.
 */
public final class DeltaWeights {
  private final double ratio;
  private final double textEncoderRatio;
  private final Optional<BlockWeights> blocks;
  private final List<NamePattern> only;
  private final List<NamePattern> skip;

  private DeltaWeights(Strength strength) {
    this.ratio = strength.ratio();
    this.textEncoderRatio = strength.textEncoderRatio().orElse(ratio);
    this.blocks = strength.blocks().map(list -> list.weights());
    this.only = strength.only().stream().map(NamePattern::new).toList();
    this.skip = strength.skip().stream().map(NamePattern::new).toList();
  }

  /** The factors that a LoRA's strength gives its deltas. */
  public static DeltaWeights of(Strength strength) {
    return new DeltaWeights(strength);
  }

  /** The factor of a delta, beside its own scale; 0 if it is left out. */
  public double factor(Delta delta) {
    return leavesOut(delta) ? 0 : factor(delta.target());
  }

  /** The factor of what has this target, whatever the filters say. */
  public double factor(Target target) {
    double own = target.component().isTextEncoder() ? textEncoderRatio : ratio;
    return blocks.isPresent() ? own * blocks.get().factor(target.block()) : own;
  }

  /** Whether the name filters leave a delta out. */
  public boolean leavesOut(Delta delta) {
    return fitsAny(skip, delta) || (!only.isEmpty() && !fitsAny(only, delta));
  }

  private static boolean fitsAny(List<NamePattern> patterns, Delta delta) {
    for (NamePattern pattern : patterns) {
      if (pattern.fits(delta.module(), delta.target())) {
        return true;
      }
    }
    return false;
  }
}
