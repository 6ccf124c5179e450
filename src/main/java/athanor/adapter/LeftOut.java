package athanor.adapter;

import athanor.delta.Arithmetic;
import athanor.error.AthanorException;
import athanor.error.Problem;
import athanor.kernel.Kernels;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/** How much of a LoRA has no place in a checkpoint. */
final class LeftOut {
  private static final String BUNDLED_EMBEDDING = "bundle_emb.";

  private final AdapterFile file;
  private final List<ModuleMatch> modules;
  private final List<ModuleMatch> without;

  /** Below it a share would be shown as 0.0 %. */
  private static final double LEAST_SHOWN = 5e-4;

  private final Optional<String> share;

  LeftOut(AdapterFile file, List<ModuleMatch> modules) {
    this.file = file;
    this.modules = modules;
    this.without =
        modules.stream()
            .filter(match -> match.outcome() instanceof ModuleOutcome.WithoutTarget)
            .toList();
    this.share = measure();
  }

  /**
   * That more than half of the keys would be left out, not counting text encoders which the
   * checkpoint lacks, and bundled embeddings; empty if less would be, or nothing is applied at all.
   */
  Optional<Problem> most() {
    List<ModuleMatch> missed = without.stream().filter(match -> !isHarmless(match)).toList();
    List<String> unknown =
        file.otherKeys().stream().filter(key -> !key.startsWith(BUNDLED_EMBEDDING)).toList();
    long left = keys(missed) + unknown.size();
    long whole =
        keys(modules.stream().filter(match -> !isHarmless(match)).toList()) + unknown.size();
    if (2 * left <= whole) {
      return Optional.empty();
    }
    List<String> found = new ArrayList<>();
    if (!missed.isEmpty()) {
      found.add(
          missed.size()
              + " of "
              + modules.size()
              + " modules without a place in the base, such as "
              + missed.getFirst().module().name());
    }
    if (!unknown.isEmpty()) {
      found.add(unknown.size() + " keys that belong to no module, such as " + unknown.getFirst());
    }
    share.ifPresent(part -> found.add("together " + part + " of its effect"));
    return Optional.of(
        Problem.incompatible("more than half of this LoRA would be left out")
            .at(file.name())
            .found(String.join("; ", found))
            .help("use the base it was made for, or add --allow-partial to merge the rest"));
  }

  /**
   * The share of the LoRA's effect that is left out, as {@code 12.3 %}: of the sum of the squares
   * of all its values. Empty if what is left out does nothing, or it cannot be told.
   */
  Optional<String> share() {
    return share;
  }

  private Optional<String> measure() {
    if (without.isEmpty() || !file.source().isHere()) {
      return Optional.empty();
    }
    try {
      return measured();
    } catch (AthanorException e) {
      return Optional.empty();
    }
  }

  private Optional<String> measured() {
    var arithmetic = Arithmetic.float32(Kernels.create());
    double left = 0;
    double whole = 0;
    for (ModuleMatch match : modules) {
      if (match.outcome() instanceof ModuleOutcome.Repeated) {
        continue;
      }
      OptionalDouble effect = match.module().squaredEffect(arithmetic);
      if (effect.isEmpty()) {
        return Optional.empty();
      }
      whole += effect.getAsDouble();
      left += match.outcome() instanceof ModuleOutcome.WithoutTarget ? effect.getAsDouble() : 0;
    }
    return left > 0 ? Optional.of(text(left / whole)) : Optional.empty();
  }

  /** Neither nothing nor everything where it is not. */
  private static String text(double share) {
    if (share < LEAST_SHOWN) {
      return "less than 0.1 %";
    }
    return share < 1 && share > 1 - LEAST_SHOWN
        ? "more than 99.9 %"
        : String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  private static boolean isHarmless(ModuleMatch match) {
    return match.outcome() instanceof ModuleOutcome.WithoutTarget(_, boolean harmless) && harmless;
  }

  private static long keys(List<ModuleMatch> matches) {
    return matches.stream().mapToLong(match -> match.module().tensors().size()).sum();
  }
}
